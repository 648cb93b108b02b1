"""The training loss of one batch."""

import torch
from torch.nn import functional as F

from .assigner import TaskAlignedAssigner
from .boxes import complete_iou
from .model import anchor_points


class SegmentationLoss:
    """Class, box, distribution, mask and semantic terms. `settings` is the [loss] table."""

    def __init__(self, settings, reg_max):
        self.s, self.reg_max = settings, reg_max
        self.assigner = TaskAlignedAssigner(settings["tal_topk"], settings["tal_alpha"], settings["tal_beta"])

    def __call__(self, model, images, masks, gt_boxes, gt_valid):
        """images [B, 3, H, W], soft masks [B, 1, H, W] of the one object per image, gt_boxes [B, 1, 4]
        in pixels, gt_valid [B, 1]. Returns the weighted sum and a dict of the single terms."""
        raw = model.raw(images)
        points, strides = anchor_points(images.shape[2], images.shape[3])
        sides = model.side_distances(raw["boxes"])
        boxes = torch.cat((points - sides[..., :2] * strides, points + sides[..., 2:] * strides), -1)
        gt_classes = torch.zeros(gt_valid.shape, dtype=torch.int64)
        positive, _, targets = self.assigner(raw["classes"].detach().sigmoid(), boxes.detach(), points,
                                             gt_classes, gt_boxes, gt_valid)
        norm = targets.sum().clamp(min=1.0)
        terms = {"cls": F.binary_cross_entropy_with_logits(raw["classes"], targets, reduction="sum") / norm,
                 "semantic": self._semantic(raw["prototypes"][:, :1], masks),
                 "context": self._semantic(model.semantic(raw["context"]), masks)}
        if positive.any():
            image_index, cell_index = positive.nonzero(as_tuple=True)
            weight = targets[positive].sum(-1)
            wanted = gt_boxes[image_index, 0]
            terms["box"] = ((1 - complete_iou(boxes[positive], wanted)) * weight).sum() / norm
            terms["dfl"] = self._distribution(raw["boxes"][positive], points[cell_index], strides[cell_index],
                                              wanted, weight) / norm
            terms["mask"] = self._masks(raw, positive, targets, masks, gt_boxes)
        total = sum(self.s[name] * value for name, value in terms.items())
        return total, {name: float(value) for name, value in terms.items()}

    def _distribution(self, logits, points, strides, wanted, weight):
        """Distribution focal loss (arXiv:2006.04388, eq. 6): logits [K, 4, reg_max], the wanted side
        distance falls between two bins, which share the cross-entropy by nearness."""
        sides = torch.cat((points - wanted[:, :2], wanted[:, 2:] - points), -1) / strides
        sides = sides.clamp(0, self.reg_max - 1.01)
        lower = sides.floor().to(torch.int64)
        share = sides - lower
        logs = logits.log_softmax(-1)
        low = logs.gather(-1, lower[..., None])[..., 0]
        high = logs.gather(-1, lower[..., None] + 1)[..., 0]
        return -(((1 - share) * low + share * high).mean(-1) * weight).sum()

    def _masks(self, raw, positive, targets, masks, gt_boxes):
        """Cross-entropy and Dice of every assigned cell's mask inside the object's box, at stride 2,
        weighted by the cell's alignment and averaged over objects."""
        size = [side // 2 for side in masks.shape[2:]]
        truth = F.interpolate(masks, size=size, mode="bilinear", align_corners=False)[:, 0]
        total, objects = raw["prototypes"].new_zeros(()), 0
        for i in positive.any(1).nonzero().flatten().tolist():
            cells = positive[i]
            logits = torch.einsum("kc,chw->khw", raw["coefficients"][i, cells], raw["prototypes"][i])
            logits = F.interpolate(logits[None], size=size, mode="bilinear", align_corners=False)[0]
            x0, y0 = (gt_boxes[i, 0, :2] / 2).floor().int().tolist()
            x1, y1 = (gt_boxes[i, 0, 2:] / 2).ceil().int().tolist()
            logits, wanted = logits[:, y0:y1, x0:x1], truth[i, y0:y1, x0:x1].expand(len(logits), -1, -1)
            entropy = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none").mean((1, 2))
            chance = logits.sigmoid()
            dice = 1 - (2 * (chance * wanted).sum((1, 2)) + 1) / (chance.sum((1, 2)) + wanted.sum((1, 2)) + 1)
            weight = targets[i, cells].sum(-1) + 1e-3
            total = total + ((entropy + dice) * weight).sum() / weight.sum()
            objects += 1
        return total / objects

    @staticmethod
    def _semantic(logits, masks):
        """Tumour or not for every cell of the logits' grid: cross-entropy and Dice over the batch."""
        truth = F.interpolate(masks, size=logits.shape[2:], mode="area")
        entropy = F.binary_cross_entropy_with_logits(logits, truth)
        chance = logits.sigmoid()
        dice = 1 - (2 * (chance * truth).sum() + 1) / (chance.sum() + truth.sum() + 1)
        return entropy + dice
