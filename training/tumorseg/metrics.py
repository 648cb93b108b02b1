"""Figures of merit, on plain NumPy arrays."""

import numpy as np

IOU_LEVELS = np.linspace(0.5, 0.95, 10)
RECALL_LEVELS = np.linspace(0.0, 1.0, 101)


def dice(predicted, truth):
    """2 |A and B| / (|A| + |B|) of two bool arrays; 1 where both are empty."""
    total = int(predicted.sum()) + int(truth.sum())
    return 2 * int((predicted & truth).sum()) / total if total else 1.0


def average_precision(images, level):
    """Average precision of one class as COCO defines it (arXiv:1405.0312; 101 recall levels).

    `images` lists (scores [K], iou [K, M]) of one image each: K findings against M objects. In each image
    findings are taken best score first; one is right where its best still free object has at least `level`
    overlap. Returns 0 where there is no object at all."""
    scores, right, objects = [], [], 0
    for image_scores, iou in images:
        objects += iou.shape[1]
        free = np.ones(iou.shape[1], dtype=bool)
        for k in np.argsort(-image_scores, kind="stable"):
            candidates = np.where(free, iou[k], -1.0)
            best = int(candidates.argmax()) if len(candidates) else -1
            hit = best >= 0 and candidates[best] >= level
            if hit:
                free[best] = False
            scores.append(image_scores[k])
            right.append(hit)
    if objects == 0 or not scores:
        return 0.0
    order = np.argsort(-np.array(scores), kind="stable")
    hits = np.cumsum(np.array(right)[order])
    recall = hits / objects
    precision = hits / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    place = np.searchsorted(recall, RECALL_LEVELS, side="left")
    return float(np.append(envelope, 0.0)[place].mean())


def mean_average_precision(images):
    """Average precision at overlap 0.5 and its mean over 0.50, 0.55 ... 0.95."""
    levels = [average_precision(images, level) for level in IOU_LEVELS]
    return levels[0], float(np.mean(levels))


def calibration(scores, right, bins=10):
    """How far a score can be read as a chance: findings sorted into equal score intervals, and the expected
    calibration error, the mean gap between score and share of right findings weighted by count (arXiv:1706.04599, eq. 3).

    scores [K] in 0..1, right [K] bool. The error is None without findings."""
    scores, right = np.asarray(scores, dtype=float), np.asarray(right, dtype=bool)
    place = np.minimum((scores * bins).astype(int), bins - 1)
    rows, gap = [], 0.0
    for b in range(bins):
        inside = place == b
        if inside.any():
            rows.append({"low": b / bins, "high": (b + 1) / bins, "findings": int(inside.sum()),
                         "mean_score": float(scores[inside].mean()), "share_right": float(right[inside].mean())})
            gap += inside.sum() * abs(scores[inside].mean() - right[inside].mean())
    return {"expected_error": gap / len(scores) if len(scores) else None, "bins": rows}


def mean_by_group(values, groups):
    """Mean value of every group, as a dict."""
    gathered = {}
    for value, group in zip(values, groups):
        gathered.setdefault(group, []).append(value)
    return {group: float(np.mean(members)) for group, members in sorted(gathered.items())}


def bootstrap_interval(values, seed=0, draws=2000):
    """95 % percentile interval of the mean, drawn with replacement."""
    rng = np.random.default_rng(seed)
    values = np.asarray(values)
    means = values[rng.integers(0, len(values), (draws, len(values)))].mean(1)
    return [float(x) for x in np.percentile(means, [2.5, 97.5])]
