import unittest

import numpy as np
import torch

from tumorseg.letterbox import Letterbox, resize_bilinear, to_input


class LetterboxTest(unittest.TestCase):
    def test_odd_padding_goes_right_and_below(self):
        # 100 x 75 into 64 x 64: ratio 0.64, resized 64 x 48, 16 columns left over.
        box = Letterbox.fit(100, 75, 64, 64)
        self.assertEqual((box.height, box.width, box.top, box.left, box.bottom, box.right), (64, 48, 0, 8, 0, 8))
        # 64 x 49: 15 left over, round(7.4) = 7 left and round(7.6) = 8 right.
        box = Letterbox.fit(64, 49, 64, 64)
        self.assertEqual((box.left, box.right), (7, 8))

    def test_small_images_are_enlarged(self):
        box = Letterbox.fit(32, 16, 64, 64)
        self.assertEqual((box.ratio, box.height, box.width), (2.0, 64, 32))

    def test_applied_size_and_padding_value(self):
        for shape in ((33, 91), (91, 33), (50, 50), (200, 301)):
            out = Letterbox.fit(*shape, 64, 64).apply(np.zeros(shape, dtype=np.uint8))
            self.assertEqual(out.shape, (64, 64))
            self.assertEqual(set(np.unique(out)) - {0, 114}, set())

    def test_bilinear_uses_pixel_centres(self):
        row = np.array([[0, 100]], dtype=np.uint8)
        self.assertEqual(resize_bilinear(row, 1, 4).tolist(), [[0, 25, 75, 100]])

    def test_boxes_return_to_the_source(self):
        box = Letterbox.fit(200, 100, 64, 64)
        inside = torch.tensor([[10.0, 20.0, 60.0, 150.0]])
        placed = inside * box.ratio + torch.tensor([box.left, box.top, box.left, box.top])
        self.assertTrue(torch.allclose(box.boxes_to_source(placed), inside, atol=1e-4))

    def test_input_is_grey_in_three_channels(self):
        tensor = to_input(np.array([[0, 255]], dtype=np.uint8))
        self.assertEqual(tensor.shape, (1, 3, 1, 2))
        self.assertEqual(tensor[0, :, 0, 1].tolist(), [1.0, 1.0, 1.0])


if __name__ == "__main__":
    unittest.main()
