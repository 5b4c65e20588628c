#include "resizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <vector>

#include "files.h"
#include "taps.h"

namespace lavis4j {
namespace {

class Rows final : public RowSink {
 public:
  explicit Rows(int width) : length_(3 * static_cast<size_t>(width)) {}
  void Take(const uint8_t* row) override { bytes.insert(bytes.end(), row, row + length_); }
  std::vector<uint8_t> bytes;

 private:
  const size_t length_;
};

uint8_t Rounded(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}

// One pass over a whole image.
Rgb Pass(const Rgb& in, bool along_x, int size) {
  Taps taps;
  EXPECT_TRUE(taps.Make(Axis::Whole(along_x ? in.width : in.height), size, 0, size));
  Rgb out{along_x ? size : in.width, along_x ? in.height : size, {}};
  for (int y = 0; y < out.height; y++) {
    for (int x = 0; x < out.width; x++) {
      const int i = along_x ? x : y;
      for (int c = 0; c < 3; c++) {
        int32_t sum = kHalf;
        for (int k = 0; k < taps.length(i); k++) {
          const int at = taps.start(i) + k;
          sum += (along_x ? in.at(at, y) : in.at(x, at))[c] * taps.weights(i)[k];
        }
        out.pixels.push_back(Rounded(sum));
      }
    }
  }
  return out;
}

Rgb Part(const Rgb& in, const lavis4j_image_box& box) {
  Rgb out{box.width, box.height, {}};
  for (int y = 0; y < box.height; y++) {
    const uint8_t* row = in.at(box.left, box.top + y);
    out.pixels.insert(out.pixels.end(), row, row + 3 * box.width);
  }
  return out;
}

// Step by step, each over all pixels.
Rgb Expected(const Rgb& image, const lavis4j_image_plan& plan) {
  const Rgb crop = Part(image, plan.crop);
  const bool vertical_first = crop.height - plan.height > 2 * std::max(0, crop.width - plan.width);
  const Rgb resized = vertical_first ? Pass(Pass(crop, false, plan.height), true, plan.width)
                                     : Pass(Pass(crop, true, plan.width), false, plan.height);
  return Part(resized, plan.window);
}

std::vector<uint8_t> Streamed(const Kernels& kernels, const Rgb& image,
                              const lavis4j_image_plan& plan) {
  static thread_local Resizer portable(kPortableKernels);  // used again and again, as it is meant
  static thread_local Resizer best(BestKernels());
  Resizer& resizer = &kernels == &kPortableKernels ? portable : best;
  Rows rows(plan.window.width);
  EXPECT_TRUE(
      resizer.Begin(Axis::Whole(plan.crop.width), Axis::Whole(plan.crop.height), plan, rows));
  const lavis4j_image_box& part = resizer.part();
  int y = plan.crop.top + part.top;
  while (resizer.Wanted() > 0) {
    const int count = resizer.Wanted();
    for (int i = 0; i < count; i++, y++) {
      std::memcpy(resizer.Row(static_cast<size_t>(i)), image.at(plan.crop.left + part.left, y),
                  3 * static_cast<size_t>(part.width));
    }
    resizer.Push();
  }
  EXPECT_EQ(y, plan.crop.top + part.top + part.height);
  return rows.bytes;
}

lavis4j_image_box RandomPart(int width, int height, std::mt19937& random) {
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint32_t>(n)); };
  const int w = below(3) == 0 ? width : 1 + below(width);
  const int h = below(3) == 0 ? height : 1 + below(height);
  return {below(width - w + 1), below(height - h + 1), w, h};
}

TEST(Resizer, StreamsWhatTwoPassesOverTheWholeGive) {
  std::mt19937 random(3);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint32_t>(n)); };
  int vertical_first = 0;
  for (uint32_t i = 0; i < 300; i++) {
    const Rgb image = RandomImage(1 + below(60), 1 + below(90), i);
    lavis4j_image_plan plan{};
    plan.crop = RandomPart(image.width, image.height, random);
    plan.width = 1 + below(40);
    plan.height = 1 + below(40);
    plan.window = RandomPart(plan.width, plan.height, random);
    vertical_first +=
        plan.crop.height - plan.height > 2 * std::max(0, plan.crop.width - plan.width);
    const Rgb expected = Expected(image, plan);
    for (const Kernels* kernels : {&kPortableKernels, &BestKernels()}) {
      ASSERT_EQ(Streamed(*kernels, image, plan), expected.pixels)
          << "case " << i << ": crop " << plan.crop.width << " x " << plan.crop.height << " to "
          << plan.width << " x " << plan.height;
    }
  }
  EXPECT_GT(vertical_first, 50);
  EXPECT_LT(vertical_first, 250);
}

}  // namespace
}  // namespace lavis4j
