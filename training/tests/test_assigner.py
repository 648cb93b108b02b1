import unittest

import torch

from tumorseg.assigner import TaskAlignedAssigner
from tumorseg.model import anchor_points


class AssignerTest(unittest.TestCase):
    def setUp(self):
        self.points, _ = anchor_points(64, 64)
        self.boxes = torch.cat((self.points - 10, self.points + 10), 1)[None]
        self.scores = torch.full((1, len(self.points), 1), 0.5)

    def assign(self, gt, topk=3, valid=None):
        gt = torch.tensor([gt], dtype=torch.float32)
        valid = torch.ones(gt.shape[:2], dtype=torch.bool) if valid is None else torch.tensor([valid])
        classes = torch.zeros(gt.shape[:2], dtype=torch.int64)
        return TaskAlignedAssigner(topk)(self.scores, self.boxes, self.points, classes, gt, valid)

    def test_takes_topk_cells_inside_the_box(self):
        positive, _, _ = self.assign([[10.0, 10.0, 30.0, 30.0]])
        self.assertEqual(int(positive.sum()), 3)
        self.assertTrue(((self.points[positive[0]] - 20).abs() < 10).all())

    def test_best_cell_gets_its_overlap_as_target(self):
        # The cell at (20, 20) predicts exactly 10..30: overlap 1, so its target is 1.
        _, _, targets = self.assign([[10.0, 10.0, 30.0, 30.0]])
        best = int(targets[0, :, 0].argmax())
        self.assertEqual(self.points[best].tolist(), [20.0, 20.0])
        self.assertAlmostEqual(float(targets[0, best, 0]), 1.0, places=4)

    def test_no_object_no_positive(self):
        positive, _, targets = self.assign([[10.0, 10.0, 30.0, 30.0]], valid=[False])
        self.assertFalse(positive.any())
        self.assertEqual(float(targets.sum()), 0.0)

    def test_contested_cell_goes_to_better_overlap(self):
        positive, index, _ = self.assign([[10.0, 10.0, 30.0, 30.0], [0.0, 0.0, 60.0, 60.0]], topk=100)
        cell = (self.points == torch.tensor([20.0, 20.0])).all(1).nonzero()[0, 0]
        self.assertTrue(positive[0, cell])
        self.assertEqual(int(index[0, cell]), 0)

    def test_tiny_object_is_still_assigned(self):
        positive, _, _ = self.assign([[16.0, 16.0, 17.0, 17.0]])
        self.assertTrue(positive.any())


if __name__ == "__main__":
    unittest.main()
