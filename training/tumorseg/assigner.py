"""Task-aligned assignment of ground truth to predictions (TOOD, arXiv:2108.07755)."""

import torch

from .boxes import box_iou


class TaskAlignedAssigner:
    """Chooses, for each object, the `topk` predictions with the largest score^alpha * iou^beta whose
    cell centre lies in its box. A prediction wanted by two objects goes to the better overlap."""

    def __init__(self, topk=10, alpha=0.5, beta=6.0, minimum_side=16.0):
        self.topk, self.alpha, self.beta, self.minimum_side = topk, alpha, beta, minimum_side

    @torch.no_grad()
    def __call__(self, scores, boxes, points, gt_classes, gt_boxes, gt_valid):
        """scores [B, N, C] after sigmoid, boxes [B, N, 4] and points [N, 2] in pixels, gt_classes [B, M]
        int64, gt_boxes [B, M, 4], gt_valid [B, M] bool.

        Returns positive [B, N] bool, index [B, N] of the assigned object, and targets [B, N, C]: the
        alignment scaled so that an object's best prediction gets its best overlap (TOOD, sec. 3.2)."""
        batch, count, class_count = scores.shape
        objects = gt_boxes.shape[1]
        inside = self._inside(points, gt_boxes) & gt_valid[..., None]
        iou = box_iou(gt_boxes, boxes).clamp(min=0) * inside
        wanted = gt_classes[:, None, :].expand(batch, count, objects)
        class_scores = scores.gather(2, wanted).transpose(1, 2)
        alignment = class_scores ** self.alpha * iou ** self.beta * inside

        # Cells inside the box come first even when the overlap is still zero.
        ranking = torch.where(inside, alignment + 1e-12, torch.full_like(alignment, -1.0))
        best = ranking.topk(min(self.topk, count), dim=-1).indices
        chosen = torch.zeros_like(inside).scatter_(-1, best, True) & inside

        contested = chosen.sum(1, keepdim=True) > 1
        winner = torch.zeros_like(chosen).scatter_(1, iou.masked_fill(~chosen, -1).argmax(1, keepdim=True), True)
        chosen = torch.where(contested, chosen & winner, chosen)

        alignment = alignment * chosen
        top_alignment = alignment.amax(-1, keepdim=True)
        top_iou = (iou * chosen).amax(-1, keepdim=True)
        quality = (alignment * top_iou / (top_alignment + 1e-9)).amax(1)

        positive = chosen.any(1)
        index = chosen.to(torch.int64).argmax(1)
        targets = torch.zeros_like(scores)
        targets.scatter_(2, gt_classes.gather(1, index)[..., None], (quality * positive)[..., None])
        return positive, index, targets

    def _inside(self, points, gt_boxes):
        """Which points lie in which box [B, M, N]; small boxes are widened to `minimum_side` pixels."""
        centre = (gt_boxes[..., :2] + gt_boxes[..., 2:]) / 2
        half = ((gt_boxes[..., 2:] - gt_boxes[..., :2]) / 2).clamp(min=self.minimum_side / 2)
        return ((points[None, None] - centre[:, :, None]).abs() < half[:, :, None]).all(-1)
