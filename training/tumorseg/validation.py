"""A cheap figure to watch a run by; evaluate.py measures properly."""

import torch
from torch.nn import functional as F

from .letterbox import Letterbox
from .metrics import dice
from .postprocess import detect, mask_logits


@torch.no_grad()
def quick_dice(model, images, masks, settings, batch_size=16):
    """Mean Dice at the input size of the union of findings, and of the tumour map alone, which shows how much the
    heads lose; uint8 images and masks [K, S, S]."""
    found_dice, map_dice, same_size = [], [], Letterbox.fit(*images.shape[1:], *images.shape[1:])
    for start in range(0, len(images), batch_size):
        batch = images[start:start + batch_size, None].float().expand(-1, 3, -1, -1) / 255
        output0, output1 = model(batch)
        for i in range(len(batch)):
            found = detect(output0[i], len(model.classes), settings["confidence"], settings["nms_iou"],
                           settings["max_detections"])
            predicted = (mask_logits(found, output1[i], same_size) > 0).any(0)
            tumour = F.interpolate(output1[i:i + 1, :1], size=images.shape[1:], mode="bilinear", align_corners=False)[0, 0] > 0
            truth = masks[start + i] > 127
            found_dice.append(dice(predicted.numpy(), truth.numpy()))
            map_dice.append(dice(tumour.numpy(), truth.numpy()))
    return sum(found_dice) / len(found_dice), sum(map_dice) / len(map_dice)
