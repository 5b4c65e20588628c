#include "packed_plan.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace lavis4j {
namespace {

// Words are aligned as augmentations are.
using Block = std::vector<uint64_t>;

Block Packed(const PackedPlan& plan, const std::vector<lavis4j_image_augmentation>& augmentations,
             const std::vector<lavis4j_image_box>& boxes) {
  Block block((sizeof(PackedPlan) + 56 * augmentations.size() + 16 * boxes.size()) / 8);
  auto* bytes = reinterpret_cast<uint8_t*>(block.data());
  std::memcpy(bytes, &plan, sizeof(plan));
  bytes += sizeof(plan);
  for (const lavis4j_image_augmentation& augmentation : augmentations) {
    std::memcpy(bytes, &augmentation, sizeof(augmentation));
    bytes += sizeof(augmentation);
  }
  for (const lavis4j_image_box& box : boxes) {
    std::memcpy(bytes, &box, sizeof(box));
    bytes += sizeof(box);
  }
  return block;
}

bool Unpack(const Block& block, size_t size, lavis4j_image_regions& regions,
            lavis4j_image_plan& plan) {
  return lavis4j::Unpack(reinterpret_cast<const uint8_t*>(block.data()), size, regions, plan);
}

constexpr PackedPlan kPlan{{1, 2, 3, 4}, 5, 6, {7, 8, 9, 10}, 11, 12, 13, 14, 3, 2, 1, 0};

TEST(PackedPlan, EveryFieldArrives) {
  const Block block = Packed(kPlan, {{LAVIS4J_AUGMENT_WARP, {1.5, 2.5, 3.5, 4.5, 5.5, 6.5}}},
                             {{20, 21, 22, 23}, {24, 25, 26, 27}});
  lavis4j_image_regions regions;
  lavis4j_image_plan plan;
  ASSERT_TRUE(Unpack(block, 8 * block.size(), regions, plan));
  EXPECT_EQ(plan.crop.left, 1);
  EXPECT_EQ(plan.crop.height, 4);
  EXPECT_EQ(plan.width, 5);
  EXPECT_EQ(plan.height, 6);
  EXPECT_EQ(plan.window.left, 7);
  EXPECT_EQ(plan.window.height, 10);
  EXPECT_EQ(plan.flip, 11);
  EXPECT_EQ(plan.fast, 12);
  EXPECT_EQ(regions.declared_width, 13);
  EXPECT_EQ(regions.declared_height, 14);
  EXPECT_EQ(regions.mode, LAVIS4J_REGIONS_BLACKOUT);
  ASSERT_EQ(plan.num_augmentations, 1);
  EXPECT_EQ(plan.augmentations[0].operation, LAVIS4J_AUGMENT_WARP);
  EXPECT_EQ(plan.augmentations[0].matrix[5], 6.5);
  ASSERT_EQ(regions.num_boxes, 2);
  EXPECT_EQ(regions.boxes[0].left, 20);
  EXPECT_EQ(regions.boxes[1].height, 27);
}

TEST(PackedPlan, ABlockOfAnotherSizeIsRefused) {
  const Block block = Packed(kPlan, {{}}, {{}, {}, {}});
  const size_t size = sizeof(PackedPlan) + 56 + 2 * 16;
  lavis4j_image_regions regions;
  lavis4j_image_plan plan;
  EXPECT_TRUE(Unpack(block, size, regions, plan));
  EXPECT_FALSE(Unpack(block, size - 1, regions, plan));
  EXPECT_FALSE(Unpack(block, size + 16, regions, plan));
  EXPECT_FALSE(Unpack(block, sizeof(PackedPlan) - 1, regions, plan));
  EXPECT_FALSE(Unpack(block, 0, regions, plan));
}

TEST(PackedPlan, NegativeNumbersAreRefused) {
  lavis4j_image_regions regions;
  lavis4j_image_plan plan;
  PackedPlan negative = kPlan;
  negative.num_boxes = -1;
  EXPECT_FALSE(Unpack(Packed(negative, {{}}, {}), sizeof(PackedPlan) + 40, regions, plan));
  negative = kPlan;
  negative.num_augmentations = -1;
  negative.num_boxes = 4;
  const Block block = Packed(negative, {}, {{}, {}, {}, {}});
  EXPECT_FALSE(Unpack(block, sizeof(PackedPlan) - 56 + 4 * 16, regions, plan));
}

}  // namespace
}  // namespace lavis4j
