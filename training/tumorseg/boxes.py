"""Overlap of boxes given as x0, y0, x1, y1."""

import math

import torch

EPSILON = 1e-7


def box_iou(a, b):
    """Intersection over union of every pair: a [..., M, 4], b [..., N, 4] -> [..., M, N]."""
    low = torch.maximum(a[..., :, None, :2], b[..., None, :, :2])
    high = torch.minimum(a[..., :, None, 2:], b[..., None, :, 2:])
    overlap = (high - low).clamp(min=0).prod(-1)
    area_a = (a[..., 2:] - a[..., :2]).prod(-1)
    area_b = (b[..., 2:] - b[..., :2]).prod(-1)
    return overlap / (area_a[..., :, None] + area_b[..., None, :] - overlap + EPSILON)


def complete_iou(a, b):
    """Complete IoU (arXiv:1911.08287, eq. 9-11) of matching boxes a [K, 4], b [K, 4] -> [K]."""
    size_a, size_b = a[:, 2:] - a[:, :2], b[:, 2:] - b[:, :2]
    low, high = torch.maximum(a[:, :2], b[:, :2]), torch.minimum(a[:, 2:], b[:, 2:])
    overlap = (high - low).clamp(min=0).prod(-1)
    iou = overlap / (size_a.prod(-1) + size_b.prod(-1) - overlap + EPSILON)
    hull = torch.maximum(a[:, 2:], b[:, 2:]) - torch.minimum(a[:, :2], b[:, :2])
    centre = ((a[:, :2] + a[:, 2:] - b[:, :2] - b[:, 2:]) ** 2).sum(-1) / 4
    shape = (4 / math.pi ** 2) * (torch.atan(size_b[:, 0] / (size_b[:, 1] + EPSILON))
                                  - torch.atan(size_a[:, 0] / (size_a[:, 1] + EPSILON))) ** 2
    with torch.no_grad():
        weight = shape / (1 - iou + shape + EPSILON)
    return iou - centre / ((hull ** 2).sum(-1) + EPSILON) - weight * shape
