import tempfile
import unittest
from pathlib import Path

import onnx
import torch

from tumorseg.boxes import complete_iou
from tumorseg.config import load_config
from tumorseg.letterbox import Letterbox
from tumorseg.losses import SegmentationLoss
from tumorseg.model import TumorSegNet, count_parameters
from tumorseg.onnx_export import export_onnx
from tumorseg.onnx_weights import load_network
from tumorseg.postprocess import detect, mask_logits

SIZE = 64
CELLS = (SIZE // 8) ** 2 + (SIZE // 16) ** 2 + (SIZE // 32) ** 2


class NetworkTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        torch.manual_seed(0)
        cls.config = load_config()
        cls.model = TumorSegNet(cls.config["model"]).eval()

    def test_output_shapes_and_ranges(self):
        with torch.no_grad():
            output0, output1 = self.model(torch.rand(2, 3, SIZE, SIZE))
        self.assertEqual(output0.shape, (2, 4 + 1 + 32, CELLS))
        self.assertEqual(output1.shape, (2, 32, SIZE // 4, SIZE // 4))
        self.assertTrue(((output0[:, 4] > 0) & (output0[:, 4] < 1)).all())

    def test_exported_file_keeps_contract_and_weights(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "model.onnx"
            export_onnx(self.model, SIZE, path, self.config["model"], "2000-01-01T00:00:00+00:00")
            graph = onnx.load(str(path)).graph
            loaded, metadata = load_network(path)
        shapes = {v.name: [d.dim_value for d in v.type.tensor_type.shape.dim] for v in (*graph.input, *graph.output)}
        self.assertEqual(shapes, {"images": [1, 3, SIZE, SIZE], "output0": [1, 37, CELLS],
                                  "output1": [1, 32, SIZE // 4, SIZE // 4]})
        self.assertEqual(metadata["names"], "{0: 'tumor'}")
        self.assertEqual((metadata["task"], metadata["stride"], metadata["imgsz"]), ("segment", "32", "[64, 64]"))
        image = torch.rand(1, 3, SIZE, SIZE)
        with torch.no_grad():
            for mine, other in zip(self.model(image), loaded(image)):
                self.assertTrue(torch.equal(mine, other))

    def test_size_suits_the_repository(self):
        self.assertTrue(2_000_000 < count_parameters(self.model) < 3_000_000)

    def test_shape_terms_fall_on_one_batch(self):
        # The class term is left out: its targets grow while the boxes improve.
        torch.manual_seed(0)
        model = TumorSegNet(self.config["model"]).train()
        loss = SegmentationLoss(self.config["loss"], model.reg_max)
        masks = torch.zeros(2, 1, SIZE, SIZE)
        masks[0, 0, 20:40, 24:48] = 1
        images = (masks * 0.8 + 0.1).expand(-1, 3, -1, -1)
        boxes = torch.tensor([[[24.0, 20.0, 48.0, 40.0]], [[0.0, 0.0, 0.0, 0.0]]])
        valid = torch.tensor([[True], [False]])
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
        history = []
        for _ in range(12):
            total, terms = loss(model, images, masks, boxes, valid)
            optimizer.zero_grad()
            total.backward()
            optimizer.step()
            history.append(terms["dfl"] + terms["mask"] + terms["semantic"])
        self.assertEqual(set(terms), {"cls", "semantic", "context", "box", "dfl", "mask"})
        self.assertLess(history[-1], 0.8 * history[0])

    def test_complete_iou_of_equal_and_of_distant_boxes(self):
        a = torch.tensor([[0.0, 0.0, 4.0, 2.0], [0.0, 0.0, 1.0, 1.0]])
        b = torch.tensor([[0.0, 0.0, 4.0, 2.0], [3.0, 0.0, 4.0, 1.0]])
        # The second pair: no overlap, centres 3 apart, hull diagonal squared 17.
        values = complete_iou(a, b).tolist()
        self.assertAlmostEqual(values[0], 1.0, places=5)
        self.assertAlmostEqual(values[1], -9 / 17, places=5)


class PostprocessTest(unittest.TestCase):
    def setUp(self):
        # Two overlapping findings, one apart, one below the confidence.
        self.output0 = torch.zeros(4 + 1 + 32, 4)
        self.output0[:4] = torch.tensor([[16.0, 17.0, 48.0, 48.0], [16.0, 16.0, 48.0, 48.0],
                                         [16.0, 16.0, 16.0, 16.0], [16.0, 16.0, 16.0, 16.0]])
        self.output0[4] = torch.tensor([0.8, 0.9, 0.5, 0.1])
        self.output0[5] = 1.0
        self.found = detect(self.output0, 1, 0.25, 0.45, 300)

    def test_suppression_keeps_the_best_of_overlapping_findings(self):
        self.assertEqual([round(x, 2) for x in self.found.scores.tolist()], [0.9, 0.5])
        self.assertEqual(self.found.boxes[1].tolist(), [40.0, 40.0, 56.0, 56.0])

    def test_masks_stay_in_their_box_when_cut_at_the_source(self):
        prototypes = torch.ones(32, 16, 16)
        letterbox = Letterbox.fit(128, 128, 64, 64)
        masks = mask_logits(self.found, prototypes, letterbox, crop="source") > 0
        self.assertEqual(masks.shape, (2, 128, 128))
        self.assertEqual(int(masks[1].sum()), 32 * 32)
        self.assertTrue(masks[1, 80:112, 80:112].all())

    def test_masks_cut_on_the_prototypes_reach_a_little_further(self):
        masks = mask_logits(self.found, torch.ones(32, 16, 16), Letterbox.fit(64, 64, 64, 64)) > 0
        self.assertTrue(masks[1, 40:56, 40:56].all())
        self.assertFalse(masks[1, :36].any() or masks[1, 60:].any())

    def test_nothing_found(self):
        found = detect(self.output0, 1, 0.95, 0.45, 300)
        self.assertEqual(mask_logits(found, torch.ones(32, 16, 16), Letterbox.fit(10, 20, 64, 64)).shape, (0, 10, 20))


if __name__ == "__main__":
    unittest.main()
