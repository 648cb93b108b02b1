"""From the two outputs of the network to boxes, scores and masks."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from .boxes import box_iou

CLASS_OFFSET = 7680.0


@dataclass
class Detections:
    """Findings of one image, best first: boxes [K, 4] (x0, y0, x1, y1 in input pixels), scores [K],
    classes [K] and mask coefficients [K, 32]."""

    boxes: torch.Tensor
    scores: torch.Tensor
    classes: torch.Tensor
    coefficients: torch.Tensor


def suppress(boxes, scores, iou_limit):
    """Greedy non-maximum suppression: indices to keep, best score first."""
    order = scores.argsort(descending=True, stable=True)
    overlaps = box_iou(boxes[order], boxes[order]) > iou_limit
    alive = torch.ones(len(order), dtype=torch.bool)
    keep = []
    for i in range(len(order)):
        if alive[i]:
            keep.append(i)
            alive &= ~overlaps[i]
    return order[keep]


def detect(output0, class_count, confidence, nms_iou, limit):
    """Decode one image's output0 [4 + C + 32, N]; only scores above `confidence` count."""
    rows = output0.T
    scores, classes = rows[:, 4:4 + class_count].max(1)
    rows, classes, scores = (x[scores > confidence] for x in (rows, classes, scores))
    half = rows[:, 2:4] / 2
    boxes = torch.cat((rows[:, :2] - half, rows[:, :2] + half), 1)
    keep = suppress(boxes + classes[:, None] * CLASS_OFFSET, scores, nms_iou)[:limit]
    return Detections(boxes[keep], scores[keep], classes[keep], rows[keep, 4 + class_count:])


def masks_at_input(found, prototypes, height, width):
    """Masks [K, H, W] bool at the input size: coefficients times prototypes [32, H/4, W/4], cut to the
    box on the prototype grid, upsampled bilinearly, positive where the logit exceeds 0."""
    _, rows, columns = prototypes.shape
    logits = (found.coefficients @ prototypes.flatten(1)).reshape(-1, rows, columns)
    scale = torch.tensor([columns / width, rows / height] * 2)
    x0, y0, x1, y1 = (found.boxes * scale)[..., None, None].unbind(1)
    xs = torch.arange(columns)[None, None]
    ys = torch.arange(rows)[None, :, None]
    logits = logits * ((xs >= x0) & (xs < x1) & (ys >= y0) & (ys < y1))
    if len(logits) == 0:
        return torch.zeros((0, height, width), dtype=torch.bool)
    return F.interpolate(logits[None], size=(height, width), mode="bilinear", align_corners=False)[0] > 0


def masks_at_source(masks, letterbox):
    """Masks at the input size -> bool [K, h, w] at the source's resolution: the borders are cut away,
    the rest is resized bilinearly and positive from one half."""
    inner = masks[:, letterbox.top:letterbox.top + letterbox.height,
                  letterbox.left:letterbox.left + letterbox.width]
    if len(inner) == 0:
        return np.zeros((0, letterbox.source_height, letterbox.source_width), dtype=bool)
    size = (letterbox.source_height, letterbox.source_width)
    out = F.interpolate(inner[None].float(), size=size, mode="bilinear", align_corners=False)[0]
    return (out >= 0.5).numpy()
