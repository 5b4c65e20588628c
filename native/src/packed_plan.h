// A plan and its regions in one block of memory, as Java hands them over.
#ifndef LAVIS4J_SRC_PACKED_PLAN_H_
#define LAVIS4J_SRC_PACKED_PLAN_H_

#include <cstddef>
#include <cstdint>

#include "lavis4j/image.h"

namespace lavis4j {

// The beginning of the block. num_augmentations times lavis4j_image_augmentation follow, then
// num_boxes times lavis4j_image_box.
//
// io.lavis4j.processor.PackedPlan writes at these offsets. Its test compares them with those of
// this library, so both sides must change together.
struct PackedPlan {
  lavis4j_image_box crop;
  int32_t width;
  int32_t height;
  lavis4j_image_box window;
  int32_t flip;
  int32_t fast;
  int32_t declared_width;
  int32_t declared_height;
  int32_t mode;
  int32_t num_boxes;
  int32_t num_augmentations;
  int32_t unused;  // aligns the augmentations
};

static_assert(offsetof(PackedPlan, crop) == 0);
static_assert(offsetof(PackedPlan, width) == 16);
static_assert(offsetof(PackedPlan, height) == 20);
static_assert(offsetof(PackedPlan, window) == 24);
static_assert(offsetof(PackedPlan, flip) == 40);
static_assert(offsetof(PackedPlan, fast) == 44);
static_assert(offsetof(PackedPlan, declared_width) == 48);
static_assert(offsetof(PackedPlan, declared_height) == 52);
static_assert(offsetof(PackedPlan, mode) == 56);
static_assert(offsetof(PackedPlan, num_boxes) == 60);
static_assert(offsetof(PackedPlan, num_augmentations) == 64);
static_assert(offsetof(PackedPlan, unused) == 68);
static_assert(sizeof(PackedPlan) == 72);
static_assert(sizeof(PackedPlan) % alignof(lavis4j_image_augmentation) == 0);

static_assert(offsetof(lavis4j_image_augmentation, operation) == 0);
static_assert(offsetof(lavis4j_image_augmentation, matrix) == 8);
static_assert(sizeof(lavis4j_image_augmentation) == 56);
static_assert(sizeof(lavis4j_image_augmentation) % alignof(lavis4j_image_box) == 0);

static_assert(offsetof(lavis4j_image_box, left) == 0);
static_assert(offsetof(lavis4j_image_box, top) == 4);
static_assert(offsetof(lavis4j_image_box, width) == 8);
static_assert(offsetof(lavis4j_image_box, height) == 12);
static_assert(sizeof(lavis4j_image_box) == 16);

// The block as structures of the C interface, which point into it. block: (size) bytes, aligned as
// an augmentation. False where size does not match the numbers of augmentations and boxes.
bool Unpack(const uint8_t* block, size_t size, lavis4j_image_regions& regions,
            lavis4j_image_plan& plan);

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_PACKED_PLAN_H_
