"""The network: backbone, path-aggregation neck, heads on strides 8, 16 and 32, prototypes at stride 4.

Follows the published ideas, in code of its own: YOLO (arXiv:1506.02640), PANet (arXiv:1803.01534),
distribution focal boxes (arXiv:2006.04388), YOLACT prototypes and coefficients (arXiv:1904.02689).
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from .blocks import ConvUnit, PartialStage, PyramidPool

STRIDES = (8, 16, 32)


def anchor_points(height, width, device=None):
    """Cell centres of the three heads for an input of height x width pixels.

    Returns points [N, 2] (x, y in pixels) and strides [N, 1], level by level, row by row."""
    points, strides = [], []
    for stride in STRIDES:
        ys = (torch.arange(height // stride, device=device) + 0.5) * stride
        xs = (torch.arange(width // stride, device=device) + 0.5) * stride
        grid_y, grid_x = torch.meshgrid(ys, xs, indexing="ij")
        points.append(torch.stack((grid_x, grid_y), -1).reshape(-1, 2))
        strides.append(torch.full((points[-1].shape[0], 1), float(stride), device=device))
    return torch.cat(points), torch.cat(strides)


class Backbone(nn.Module):
    """Features at strides 4, 8, 16 and 32 from an image [B, 3, H, W]."""

    def __init__(self, width):
        super().__init__()
        w2, w4, w8, w16, w32 = width
        self.stem = ConvUnit(3, w2, 3, 2)
        self.stage4 = nn.Sequential(ConvUnit(w2, w4, 3, 2), PartialStage(w4, w4, 1))
        self.stage8 = nn.Sequential(ConvUnit(w4, w8, 3, 2), PartialStage(w8, w8, 1))
        self.stage16 = nn.Sequential(ConvUnit(w8, w16, 3, 2), PartialStage(w16, w16, 2))
        self.stage32 = nn.Sequential(ConvUnit(w16, w32, 3, 2), PartialStage(w32, w32, 1),
                                     PyramidPool(w32))

    def forward(self, x):
        p4 = self.stage4(self.stem(x))
        p8 = self.stage8(p4)
        p16 = self.stage16(p8)
        return p4, p8, p16, self.stage32(p16)


class Neck(nn.Module):
    """Top-down fusion of strides 32, 16 and 8, then bottom-up of what the stride-4 features found."""

    def __init__(self, width, feature_channels):
        super().__init__()
        _, _, w8, w16, w32 = width
        self.top16 = PartialStage(w32 + w16, w16, 1, shortcut=False)
        self.top8 = PartialStage(w16 + w8, w8, 1, shortcut=False)
        self.down4 = ConvUnit(feature_channels + 1, w8, 3, 2)
        self.down8 = ConvUnit(w8, w8, 3, 2)
        self.out16 = PartialStage(w8 + w16, w16, 1, shortcut=False)
        self.down16 = ConvUnit(w16, w16, 3, 2)
        self.out32 = PartialStage(w16 + w32, w32, 1, shortcut=False)

    def top_down(self, p8, p16, p32):
        """Features at strides 16 and 8."""
        t16 = self.top16(torch.cat((F.interpolate(p32, scale_factor=2.0), p16), 1))
        return t16, self.top8(torch.cat((F.interpolate(t16, scale_factor=2.0), p8), 1))

    def bottom_up(self, features, tumour, t8, t16, p32):
        """Features at strides 8, 16 and 32 for the heads, from those at stride 4 and their tumour logits."""
        n8 = t8 + self.down4(torch.cat((features, tumour.clamp(-8, 8)), 1))
        n16 = self.out16(torch.cat((self.down8(n8), t16), 1))
        n32 = self.out32(torch.cat((self.down16(n16), p32), 1))
        return n8, n16, n32


class Prototypes(nn.Module):
    """Prototype masks at stride 4 from the neck's stride 8 and the backbone's stride 4. The first one is the
    tumour logit of every pixel, learned from the masks directly: a finding's coefficients start from that
    map as it is and only have to learn what to change about it."""

    def __init__(self, c8, c4, channels, count):
        super().__init__()
        self.enter = ConvUnit(c8, channels, 3)
        self.lateral = ConvUnit(c4, channels, 1)
        self.mix = ConvUnit(channels, channels, 3)
        self.tumour = nn.Conv2d(channels, 1, 1)
        self.out = nn.Conv2d(channels, count - 1, 1)
        nn.init.constant_(self.tumour.bias, -3.0)

    def forward(self, t8, p4):
        """Returns the shared features [B, channels, H/4, W/4] and the prototypes [B, count, H/4, W/4]."""
        up = F.interpolate(self.enter(t8), scale_factor=2.0)
        features = self.mix(up + self.lateral(p4))
        return features, torch.cat((self.tumour(features), self.out(features)), 1)


def _branch(c_in, middle, c_out):
    return nn.Sequential(ConvUnit(c_in, middle, 3), ConvUnit(middle, middle, 3), nn.Conv2d(middle, c_out, 1))


def _light_branch(c_in, middle, c_out):
    return nn.Sequential(ConvUnit(c_in, c_in, 3, groups=c_in), ConvUnit(c_in, middle),
                         ConvUnit(middle, middle, 3, groups=middle), ConvUnit(middle, middle),
                         nn.Conv2d(middle, c_out, 1))


class TumorSegNet(nn.Module):
    """Boxes, class scores, mask coefficients and prototypes for an image [B, 3, H, W] in 0..1;
    H and W are multiples of 32. `settings` is the [model] table of the configuration."""

    def __init__(self, settings):
        super().__init__()
        width = settings["width"]
        self.classes = list(settings["classes"])
        self.reg_max = settings["reg_max"]
        self.mask_count = settings["mask_coefficients"]
        self.backbone = Backbone(width)
        self.neck = Neck(width, settings["proto_channels"])
        self.prototypes = Prototypes(width[2], width[1], settings["proto_channels"], self.mask_count)
        heads = width[2:]
        self.box_heads = nn.ModuleList(_branch(c, 64, 4 * self.reg_max) for c in heads)
        self.class_heads = nn.ModuleList(_light_branch(c, 64, len(self.classes)) for c in heads)
        self.mask_heads = nn.ModuleList(_branch(c, 32, self.mask_count) for c in heads)
        self.semantic = nn.Conv2d(width[3], 1, 1)
        self.register_buffer("bins", torch.arange(self.reg_max, dtype=torch.float32), persistent=False)
        self._initialise()

    def _initialise(self):
        for box_head, class_head, mask_head, stride in zip(self.box_heads, self.class_heads, self.mask_heads, STRIDES):
            nn.init.constant_(box_head[-1].bias, 1.0)
            nn.init.normal_(mask_head[-1].weight, std=0.01)
            nn.init.zeros_(mask_head[-1].bias)
            nn.init.constant_(mask_head[-1].bias[:1], 1.0)
            # A prior of about 5 objects in a 640 x 640 image (RetinaNet, arXiv:1708.02002).
            nn.init.constant_(class_head[-1].bias, math.log(5 / (640 / stride) ** 2))
        nn.init.constant_(self.semantic.bias, -3.0)
        nn.init.zeros_(self.neck.down4.norm.weight)  # the heads start without the stride-4 features

    def raw(self, images):
        """What the losses need: a dict of
        boxes [B, N, 4, reg_max] side logits, classes [B, N, C] logits, coefficients [B, N, 32],
        prototypes [B, 32, H/4, W/4] with the tumour logits first, context [B, width at stride 16, H/16, W/16]."""
        p4, p8, p16, p32 = self.backbone(images)
        t16, t8 = self.neck.top_down(p8, p16, p32)
        features, prototypes = self.prototypes(t8, p4)
        levels = self.neck.bottom_up(features, prototypes[:, :1], t8, t16, p32)

        def flat(heads):
            return torch.cat([head(x).flatten(2) for head, x in zip(heads, levels)], 2).transpose(1, 2)

        boxes = flat(self.box_heads)
        return {
            "boxes": boxes.reshape(boxes.shape[0], boxes.shape[1], 4, self.reg_max),
            "classes": flat(self.class_heads),
            "coefficients": flat(self.mask_heads),
            "prototypes": prototypes,
            "context": t16,
        }

    def side_distances(self, logits):
        """Expected distances [..., 4] (left, top, right, bottom, in strides) of side logits [..., 4, reg_max]."""
        return (logits.softmax(-1) * self.bins).sum(-1)

    def forward(self, images):
        """The exported form: output0 [B, 4+C+32, N] (cx, cy, w, h in pixels, sigmoid scores,
        coefficients) and output1, the prototypes [B, 32, H/4, W/4]."""
        return self.decode(self.raw(images), *anchor_points(images.shape[2], images.shape[3], images.device))

    def decode(self, raw, points, strides):
        """The exported form of what `raw` returned, for the given anchor points and strides."""
        sides = self.side_distances(raw["boxes"]) * strides
        low, high = points - sides[..., :2], points + sides[..., 2:]
        output0 = torch.cat(((low + high) / 2, high - low, raw["classes"].sigmoid(), raw["coefficients"]), -1)
        return output0.transpose(1, 2), raw["prototypes"]


def count_parameters(model):
    """Learnable numbers of the exported network (the training-only semantic head is not counted)."""
    return sum(p.numel() for name, p in model.named_parameters() if not name.startswith("semantic."))
