"""From the two outputs of the network to boxes, scores and masks."""

from dataclasses import dataclass

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


def mask_logits(found, prototypes, letterbox, crop="prototypes"):
    """Mask logits [K, h, w] at the source's resolution, 0 outside of each box.

    Coefficients times prototypes [32, H/4, W/4]; bilinear upsampling to the input, the letterbox borders
    cut away, bilinear again to the source. A pixel belongs to the mask where the logit exceeds 0.
    `crop` says when the box is applied: "prototypes", before the upsampling, as the common export contract
    has it (the mask may then reach one prototype cell beyond its box), or "source", after it."""
    count, (_, rows, columns) = len(found.scores), prototypes.shape
    height, width = 4 * rows, 4 * columns
    source = (letterbox.source_height, letterbox.source_width)
    if count == 0:
        return torch.zeros((0, *source))
    logits = (found.coefficients @ prototypes.flatten(1)).reshape(1, count, rows, columns)
    if crop == "prototypes":
        logits = cut_to_boxes(logits, found.boxes / 4)
    logits = F.interpolate(logits, size=(height, width), mode="bilinear", align_corners=False)
    logits = logits[..., letterbox.top:height - letterbox.bottom, letterbox.left:width - letterbox.right]
    if logits.shape[2:] != source:
        logits = F.interpolate(logits, size=source, mode="bilinear", align_corners=False)
    if crop == "source":
        logits = cut_to_boxes(logits, letterbox.boxes_to_source(found.boxes))
    return logits[0]


def cut_to_boxes(logits, boxes):
    """Zero what lies outside: logits [1, K, h, w], boxes [K, 4] in the same grid; pixel x is inside
    where x0 <= x < x1."""
    x0, y0, x1, y1 = boxes[None, :, :, None, None].unbind(2)
    xs = torch.arange(logits.shape[3])[None, None, None]
    ys = torch.arange(logits.shape[2])[None, None, :, None]
    return logits * ((xs >= x0) & (xs < x1) & (ys >= y0) & (ys < y1))
