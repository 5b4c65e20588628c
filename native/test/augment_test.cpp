#include "augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "files.h"

namespace lavis4j {
namespace {

std::vector<uint8_t> Augmented(const Rgb& image,
                               const std::vector<lavis4j_image_augmentation>& augmentations) {
  static Augment augment;  // used again and again, as it is meant
  EXPECT_TRUE(augment.Begin(image.width, image.height));
  std::copy(image.pixels.begin(), image.pixels.end(), augment.pixels());
  for (const auto& augmentation : augmentations) {
    EXPECT_TRUE(augment.Apply(augmentation));
  }
  return {augment.pixels(), augment.pixels() + image.pixels.size()};
}

lavis4j_image_augmentation Warp(double a, double b, double c, double d, double e, double f) {
  return {LAVIS4J_AUGMENT_WARP, {a, b, c, d, e, f}};
}

const lavis4j_image_augmentation kAutoContrast{LAVIS4J_AUGMENT_AUTO_CONTRAST, {}};
const lavis4j_image_augmentation kEqualize{LAVIS4J_AUGMENT_EQUALIZE, {}};

TEST(Augment, AnIdentityAndAQuarterTurnFourTimesChangeNothing) {
  const Rgb image = RandomImage(31, 31, 1);
  EXPECT_EQ(Augmented(image, {Warp(1, 0, 0, 0, 1, 0)}), image.pixels);
  const auto quarter = Warp(0, 1, 0, -1, 0, 30);
  EXPECT_NE(Augmented(image, {quarter}), image.pixels);
  EXPECT_EQ(Augmented(image, {quarter, quarter, quarter, quarter}), image.pixels);
}

TEST(Augment, PixelsMoveAndLeaveGreyBehind) {
  const Rgb image = RandomImage(20, 10, 2);
  const auto moved = Augmented(image, {Warp(1, 0, 3, 0, 1, -2)});
  for (int y = 0; y < 10; y++) {
    for (int x = 0; x < 20; x++) {
      for (int c = 0; c < 3; c++) {
        const bool inside = x + 3 < 20 && y >= 2;
        EXPECT_EQ(moved[static_cast<size_t>(3 * (20 * y + x) + c)],
                  inside ? image.at(x + 3, y - 2)[c] : 128)
            << x << ", " << y;
      }
    }
  }
}

TEST(Augment, BetweenPixelsAreTheirMeans) {
  const Rgb image = RandomImage(9, 4, 3);
  const auto moved = Augmented(image, {Warp(1, 0, 0.25, 0, 1, 0.5)});
  for (int c = 0; c < 3; c++) {
    const int sum =
        3 * image.at(4, 1)[c] + image.at(5, 1)[c] + 3 * image.at(4, 2)[c] + image.at(5, 2)[c];
    EXPECT_EQ(moved[static_cast<size_t>(3 * (9 + 4) + c)], (sum + 4) / 8);
    const int edge = 3 * image.at(8, 3)[c] + 128 + 4 * 128;
    EXPECT_EQ(moved[static_cast<size_t>(3 * (27 + 8) + c)], (edge + 4) / 8);
  }
}

TEST(Augment, FarAwayIsGrey) {
  const Rgb image = RandomImage(8, 8, 4);
  for (const double far : {1e5, 1e9, 1e300, -1e300}) {
    const auto moved = Augmented(image, {Warp(1, 0, far, 0, 1, 0)});
    EXPECT_EQ(std::count(moved.begin(), moved.end(), 128), 8 * 8 * 3) << far;
    const auto stretched = Augmented(image, {Warp(far, far, 0, far, far, far)});
    EXPECT_GE(std::count(stretched.begin(), stretched.end(), 128), 3 * 62) << far;
  }
}

// Pillow 13.0.0's ImageOps.autocontrast gives these levels.
TEST(Augment, AutoContrastStretchesAChannelWithoutBlackAsPillowDoes) {
  const Rgb image{4, 1, {40, 0, 200, 90, 10, 200, 100, 128, 200, 139, 255, 200}};
  EXPECT_EQ(Augmented(image, {kAutoContrast}),
            (std::vector<uint8_t>{0, 0, 200, 128, 10, 200, 154, 128, 200, 254, 255, 200}));
}

TEST(Augment, AutoContrastStretchesEachChannel) {
  Rgb image{3, 1, {50, 7, 0, 100, 7, 100, 150, 7, 255}};
  EXPECT_EQ(Augmented(image, {kAutoContrast}),
            (std::vector<uint8_t>{0, 7, 0, 127, 7, 100, 255, 7, 255}));
}

TEST(Augment, EqualizeMakesLevelsEquallyFrequent) {
  Rgb image{510, 2, {}};
  for (int i = 0; i < 1020; i++) {
    image.pixels.insert(image.pixels.end(),
                        {static_cast<uint8_t>(i % 255 / 4), 9, static_cast<uint8_t>(i % 2)});
  }
  const auto equal = Augmented(image, {kEqualize});
  for (size_t i = 0; i < 255; i++) {  // 16 pixels of each level, and 1008 / 255 of each new one
    EXPECT_EQ(equal[3 * i], std::min<size_t>((1 + 16 * (i / 4)) / 3, 255)) << i;
    EXPECT_EQ(equal[3 * i + 1], 9);
    EXPECT_EQ(equal[3 * i + 2], i % 2 == 0 ? 0 : 255);
  }
}

TEST(Augment, APlanAugmentsWhatItHasResizedAndMirrored) {
  const Rgb image = RandomImage(40, 30, 5);
  const File file = Png(image, false);
  lavis4j_image_plan plan{{3, 2, 30, 25}, 20, 20, {1, 2, 16, 17}, 1, 0, nullptr, 0};
  lavis4j_image_message message;
  Rgb resized{16, 17, {}};
  ASSERT_EQ(LoadRgb8(file, plan, resized.pixels, message), LAVIS4J_IMAGE_OK);
  const std::vector<lavis4j_image_augmentation> augmentations{
      kEqualize, Warp(0.9, 0.2, 1, -0.1, 1, 2), kAutoContrast};
  const auto expected = Augmented(resized, augmentations);

  plan.augmentations = augmentations.data();
  plan.num_augmentations = 3;
  std::vector<uint8_t> actual;
  ASSERT_EQ(LoadRgb8(file, plan, actual, message), LAVIS4J_IMAGE_OK);
  EXPECT_EQ(actual, expected);

  const lavis4j_image_regions none{nullptr, 0, 0, 0, LAVIS4J_REGIONS_NONE};
  std::vector<uint16_t> table(LAVIS4J_IMAGE_TABLE_SIZE);
  for (size_t i = 0; i < table.size(); i++) {
    table[i] = static_cast<uint16_t>(60000 - 7 * i);
  }
  std::vector<uint16_t> numbers(expected.size());
  ASSERT_EQ(lavis4j_image_load16(file.data(), static_cast<int64_t>(file.size()), &none, &plan,
                                 table.data(), numbers.data(), &message),
            LAVIS4J_IMAGE_OK);
  for (size_t i = 0; i < expected.size(); i++) {
    EXPECT_EQ(numbers[i % 3 * 16 * 17 + i / 3], table[256 * (i % 3) + expected[i]]);
  }
}

TEST(Augment, ABadAugmentationIsRefused) {
  const File file = Png(RandomImage(4, 4, 6), false);
  lavis4j_image_plan plan = Whole(4, 4);
  std::vector<uint8_t> out;
  lavis4j_image_message message;
  for (const lavis4j_image_augmentation& bad :
       {lavis4j_image_augmentation{3, {}}, lavis4j_image_augmentation{-1, {}},
        Warp(1, 0, std::nan(""), 0, 1, 0),
        Warp(1, 0, 0, 0, std::numeric_limits<double>::infinity(), 0)}) {
    plan.augmentations = &bad;
    plan.num_augmentations = 1;
    EXPECT_EQ(LoadRgb8(file, plan, out, message), LAVIS4J_IMAGE_BAD_ARGUMENT);
  }
  plan.augmentations = nullptr;
  EXPECT_EQ(LoadRgb8(file, plan, out, message), LAVIS4J_IMAGE_BAD_ARGUMENT);
  plan.num_augmentations = -1;
  EXPECT_EQ(LoadRgb8(file, plan, out, message), LAVIS4J_IMAGE_BAD_ARGUMENT);
}

}  // namespace
}  // namespace lavis4j
