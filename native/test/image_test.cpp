#include "lavis4j/image.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

#include "files.h"

namespace lavis4j {
namespace {

std::vector<File> EveryKind(const Rgb& image) {
  std::vector<File> files{Png(image, false), Png(image, true), Webp(image, true),
                          Webp(image, false)};
  for (const auto& [horizontal, vertical] : {std::pair{1, 1}, {2, 1}, {1, 2}, {2, 2}, {4, 1}}) {
    files.push_back(Jpeg(image, {horizontal, vertical, false, 0}));
    files.push_back(Jpeg(image, {horizontal, vertical, true, 0}));
    files.push_back(Jpeg(image, {horizontal, vertical, false, 1}));
  }
  return files;
}

TEST(Image, LosslessFilesAreReadAsTheyAre) {
  const Rgb image = RandomImage(37, 21, 1);
  for (const File& file : {Png(image, false), Png(image, true), Webp(image, true)}) {
    std::vector<uint8_t> out;
    lavis4j_image_message message;
    ASSERT_EQ(LoadRgb8(file, Whole(37, 21), out, message), LAVIS4J_IMAGE_OK);
    EXPECT_EQ(out, image.pixels);
  }
}

// Pixels outside of the crop are not decoded, which must not be seen inside.
TEST(Image, ACropIsAPartOfTheWholeImage) {
  std::mt19937 random(4);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint32_t>(n)); };
  for (uint32_t seed = 0; seed < 12; seed++) {
    const Rgb image = RandomImage(1 + below(150), 1 + below(150), seed);
    for (const File& file : EveryKind(image)) {
      Rgb whole{image.width, image.height, {}};
      lavis4j_image_message message;
      ASSERT_EQ(LoadRgb8(file, Whole(whole.width, whole.height), whole.pixels, message),
                LAVIS4J_IMAGE_OK);
      for (int i = 0; i < 10; i++) {
        lavis4j_image_plan plan = Whole(1 + below(whole.width), 1 + below(whole.height));
        plan.crop.left = below(whole.width - plan.width + 1);
        plan.crop.top = below(whole.height - plan.height + 1);
        std::vector<uint8_t> crop;
        ASSERT_EQ(LoadRgb8(file, plan, crop, message), LAVIS4J_IMAGE_OK);
        const size_t length = 3 * static_cast<size_t>(plan.width);
        for (int y = 0; y < plan.height; y++) {
          ASSERT_EQ(std::memcmp(crop.data() + static_cast<size_t>(y) * length,
                                whole.at(plan.crop.left, plan.crop.top + y), length),
                    0)
              << "seed " << seed << ", row " << y << " of " << plan.width << " x " << plan.height
              << " at " << plan.crop.left << ", " << plan.crop.top;
        }
      }
    }
  }
}

TEST(Image, LevelsAreLookedUpPlaneByPlane) {
  const Rgb image = RandomImage(20, 10, 2);
  const File file = Png(image, false);
  std::vector<float> table(LAVIS4J_IMAGE_TABLE_SIZE);
  for (size_t i = 0; i < table.size(); i++) {
    table[i] = static_cast<float>(i) / 3;
  }
  const lavis4j_image_regions none{nullptr, 0, 0, 0, LAVIS4J_REGIONS_NONE};
  for (const int flip : {0, 1}) {
    lavis4j_image_plan plan = Whole(20, 10);
    plan.flip = flip;
    std::vector<float> out(3 * 20 * 10);
    lavis4j_image_message message;
    ASSERT_EQ(lavis4j_image_load(file.data(), static_cast<int64_t>(file.size()), &none, &plan,
                                 table.data(), out.data(), &message),
              LAVIS4J_IMAGE_OK);
    for (size_t c = 0; c < 3; c++) {
      for (int y = 0; y < 10; y++) {
        for (int x = 0; x < 20; x++) {
          const uint8_t level = image.at(flip != 0 ? 19 - x : x, y)[c];
          EXPECT_EQ(out[c * 200 + static_cast<size_t>(20 * y + x)], table[256 * c + level]);
        }
      }
    }
  }
}

TEST(Image, TheHeaderGivesTheSize) {
  for (const File& file : EveryKind(RandomImage(33, 17, 3))) {
    int32_t width = 0;
    int32_t height = 0;
    lavis4j_image_message message;
    ASSERT_EQ(lavis4j_image_size(file.data(), static_cast<int64_t>(file.size()), &width, &height,
                                 &message),
              LAVIS4J_IMAGE_OK);
    EXPECT_EQ(width, 33);
    EXPECT_EQ(height, 17);
  }
}

TEST(Image, PartsOutsideOfTheirWholeAreRefused) {
  const File file = Png(RandomImage(10, 10, 4), false);
  std::vector<lavis4j_image_plan> plans(7, Whole(10, 10));
  plans[0].crop.left = 1;
  plans[1].crop.top = -1;
  plans[2].crop.height = 0;
  plans[3].window.width = 11;
  plans[4].width = 0;
  plans[5].crop = {2147483647, 0, 2147483647, 1};
  plans[6].height = -10;
  for (const lavis4j_image_plan& plan : plans) {
    std::vector<uint8_t> out(3000);
    lavis4j_image_message message;
    const lavis4j_image_regions none{nullptr, 0, 0, 0, LAVIS4J_REGIONS_NONE};
    EXPECT_EQ(lavis4j_image_load_rgb8(file.data(), static_cast<int64_t>(file.size()), &none, &plan,
                                      out.data(), &message),
              LAVIS4J_IMAGE_BAD_ARGUMENT);
  }
}

TEST(Image, NullPointersAreRefused) {
  const lavis4j_image_plan plan = Whole(1, 1);
  const lavis4j_image_regions none{nullptr, 0, 0, 0, LAVIS4J_REGIONS_NONE};
  const lavis4j_image_regions no_boxes{nullptr, 1, 0, 0, LAVIS4J_REGIONS_HIDE};
  const lavis4j_image_regions no_mode{nullptr, 0, 0, 0, 4};
  const File file = Png(RandomImage(1, 1, 5), false);
  const auto size = static_cast<int64_t>(file.size());
  uint8_t out[3];
  float table[LAVIS4J_IMAGE_TABLE_SIZE] = {};
  int32_t width = 0;
  lavis4j_image_message message;
  const auto bad = LAVIS4J_IMAGE_BAD_ARGUMENT;
  EXPECT_EQ(lavis4j_image_load_rgb8(nullptr, 0, &none, &plan, out, &message), bad);
  EXPECT_EQ(lavis4j_image_load_rgb8(file.data(), -1, &none, &plan, out, &message), bad);
  EXPECT_EQ(lavis4j_image_load_rgb8(file.data(), size, nullptr, &plan, out, &message), bad);
  EXPECT_EQ(lavis4j_image_load_rgb8(file.data(), size, &no_boxes, &plan, out, &message), bad);
  EXPECT_EQ(lavis4j_image_load_rgb8(file.data(), size, &no_mode, &plan, out, &message), bad);
  EXPECT_EQ(lavis4j_image_load_rgb8(file.data(), size, &none, nullptr, out, &message), bad);
  EXPECT_EQ(lavis4j_image_load_rgb8(file.data(), size, &none, &plan, nullptr, &message), bad);
  EXPECT_EQ(lavis4j_image_load_rgb8(file.data(), size, &none, &plan, out, nullptr), bad);
  EXPECT_EQ(lavis4j_image_load(file.data(), size, &none, &plan, table, nullptr, &message), bad);
  EXPECT_EQ(lavis4j_image_size(file.data(), size, &width, nullptr, &message), bad);
  EXPECT_EQ(lavis4j_image_load_rgb8(file.data(), size, &none, &plan, out, &message),
            LAVIS4J_IMAGE_OK);
}

}  // namespace
}  // namespace lavis4j
