"""The network: backbone, top-down decoder to prototypes at stride 4, bottom-up encoder to heads on strides 8, 16 and 32.

Follows the published ideas, in code of its own: YOLO (arXiv:1506.02640), U-Net (arXiv:1505.04597), FPN
(arXiv:1612.03144), PANet (arXiv:1803.01534), distribution focal boxes (arXiv:2006.04388), YOLACT prototypes and
coefficients (arXiv:1904.02689).
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from .blocks import ConvUnit, PyramidPool, Residual

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
        self.stage4 = nn.Sequential(ConvUnit(w2, w4, 3, 2), Residual(w4))
        self.stage8 = nn.Sequential(ConvUnit(w4, w8, 3, 2), Residual(w8))
        self.stage16 = nn.Sequential(ConvUnit(w8, w16, 3, 2), Residual(w16))
        self.stage32 = nn.Sequential(ConvUnit(w16, w32, 3, 2), Residual(w32), PyramidPool(w32))

    def forward(self, x):
        p4 = self.stage4(self.stem(x))
        p8 = self.stage8(p4)
        p16 = self.stage16(p8)
        return p4, p8, p16, self.stage32(p16)


class Decoder(nn.Module):
    """Top-down fusion of strides 32, 16, 8 and 4 by addition (FPN, arXiv:1612.03144)."""

    def __init__(self, width, neck, fine):
        super().__init__()
        _, w4, w8, w16, w32 = width
        self.side32, self.side16, self.side8 = ConvUnit(w32, neck), ConvUnit(w16, neck), ConvUnit(w8, neck)
        self.side4, self.narrow = ConvUnit(w4, fine), ConvUnit(neck, fine)
        self.mix16, self.mix8, self.mix4 = ConvUnit(neck, neck, 3), ConvUnit(neck, neck, 3), ConvUnit(fine, fine, 3)

    def forward(self, p4, p8, p16, p32):
        """Features [B, fine, H/4, W/4] and [B, neck, ...] at strides 8, 16 and 32."""
        t32 = self.side32(p32)
        t16 = self.mix16(F.interpolate(t32, scale_factor=2.0) + self.side16(p16))
        t8 = self.mix8(F.interpolate(t16, scale_factor=2.0) + self.side8(p8))
        t4 = self.mix4(F.interpolate(self.narrow(t8), scale_factor=2.0) + self.side4(p4))
        return t4, t8, t16, t32


class Prototypes(nn.Module):
    """Prototype masks at stride 4. The first one is the tumour logit of every pixel, learned from the masks
    directly: a finding's coefficients start from that map as it is and only have to learn what to change about it."""

    def __init__(self, channels, count):
        super().__init__()
        self.tumour = nn.Conv2d(channels, 1, 1)
        self.others = nn.Conv2d(channels, count - 1, 1)
        nn.init.constant_(self.tumour.bias, -3.0)

    def forward(self, features):
        return torch.cat((self.tumour(features), self.others(features)), 1)


class Encoder(nn.Module):
    """Bottom-up again (PANet, arXiv:1803.01534), from the stride-4 features and their tumour logits: what the
    masks have taught reaches the heads, which then have little left to learn about where a tumour is."""

    def __init__(self, neck, fine):
        super().__init__()
        self.down4, self.down8, self.down16 = (ConvUnit(c, neck, 3, 2) for c in (fine + 1, neck, neck))
        self.mix16, self.mix32 = ConvUnit(neck, neck, 3), ConvUnit(neck, neck, 3)

    def forward(self, tumour, t4, t8, t16, t32):
        """Features [B, neck, ...] at strides 8, 16 and 32."""
        n8 = t8 + self.down4(torch.cat((t4, tumour.clamp(-8, 8)), 1))
        n16 = self.mix16(t16 + self.down8(n8))
        return n8, n16, self.mix32(t32 + self.down16(n16))


class Heads(nn.Module):
    """Box sides, class scores and mask coefficients of every cell. One set of weights serves all three strides
    (RetinaNet, arXiv:1708.02002): sides are in strides, so a tumour looks alike to all, and each learns from all."""

    def __init__(self, neck, middle, reg_max, classes, coefficients):
        super().__init__()
        self.enter = ConvUnit(neck, middle, 3)
        self.box = nn.Sequential(ConvUnit(middle, middle, 3), nn.Conv2d(middle, 4 * reg_max, 1))
        self.score = nn.Sequential(ConvUnit(middle, middle, 3), nn.Conv2d(middle, classes, 1))
        self.mask = nn.Sequential(ConvUnit(middle, middle // 2, 3), nn.Conv2d(middle // 2, coefficients, 1))
        nn.init.constant_(self.box[-1].bias, 1.0)
        # A prior of about one cell in a hundred (arXiv:1708.02002, sec. 4.1).
        nn.init.constant_(self.score[-1].bias, -math.log(99))
        nn.init.normal_(self.mask[-1].weight, std=0.01)
        nn.init.zeros_(self.mask[-1].bias)
        nn.init.constant_(self.mask[-1].bias[:1], 1.0)

    def forward(self, levels):
        """[B, N, 4 reg_max], [B, N, C] and [B, N, coefficients], level by level, row by row."""
        entered = [self.enter(level) for level in levels]
        return [torch.cat([head(x).flatten(2) for x in entered], 2).transpose(1, 2)
                for head in (self.box, self.score, self.mask)]


class TumorSegNet(nn.Module):
    """Boxes, class scores, mask coefficients and prototypes for an image [B, 3, H, W] in 0..1;
    H and W are multiples of 32. `settings` is the [model] table of the configuration."""

    def __init__(self, settings):
        super().__init__()
        neck, fine = settings["neck_channels"], settings["proto_channels"]
        self.classes = list(settings["classes"])
        self.reg_max = settings["reg_max"]
        self.mask_count = settings["mask_coefficients"]
        self.backbone = Backbone(settings["width"])
        self.decoder = Decoder(settings["width"], neck, fine)
        self.prototypes = Prototypes(fine, self.mask_count)
        self.encoder = Encoder(neck, fine)
        self.heads = Heads(neck, settings["head_channels"], self.reg_max, len(self.classes), self.mask_count)
        self.semantic = nn.Conv2d(neck, 1, 1)
        nn.init.constant_(self.semantic.bias, -3.0)
        self.register_buffer("bins", torch.arange(self.reg_max, dtype=torch.float32), persistent=False)

    def raw(self, images):
        """What the losses need: a dict of
        boxes [B, N, 4, reg_max] side logits, classes [B, N, C] logits, coefficients [B, N, 32],
        prototypes [B, 32, H/4, W/4] with the tumour logits first, context [B, neck_channels, H/16, W/16]."""
        decoded = self.decoder(*self.backbone(images))
        prototypes = self.prototypes(decoded[0])
        boxes, classes, coefficients = self.heads(self.encoder(prototypes[:, :1], *decoded))
        return {
            "boxes": boxes.reshape(boxes.shape[0], boxes.shape[1], 4, self.reg_max),
            "classes": classes,
            "coefficients": coefficients,
            "prototypes": prototypes,
            "context": decoded[2],
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
