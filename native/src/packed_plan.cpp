#include "packed_plan.h"

#include <cstring>

namespace lavis4j {

bool Unpack(const uint8_t* block, size_t size, lavis4j_image_regions& regions,
            lavis4j_image_plan& plan) {
  PackedPlan packed;
  if (size < sizeof(packed)) {
    return false;
  }
  std::memcpy(&packed, block, sizeof(packed));
  if (packed.num_augmentations < 0 || packed.num_boxes < 0) {
    return false;
  }
  const size_t boxes_at = sizeof(packed) + sizeof(lavis4j_image_augmentation) *
                                               static_cast<size_t>(packed.num_augmentations);
  if (size != boxes_at + sizeof(lavis4j_image_box) * static_cast<size_t>(packed.num_boxes)) {
    return false;
  }
  const void* augmentations = block + sizeof(packed);
  const void* boxes = block + boxes_at;
  regions = {static_cast<const lavis4j_image_box*>(boxes), packed.num_boxes, packed.declared_width,
             packed.declared_height, packed.mode};
  plan = {packed.crop,
          packed.width,
          packed.height,
          packed.window,
          packed.flip,
          packed.fast,
          static_cast<const lavis4j_image_augmentation*>(augmentations),
          packed.num_augmentations};
  return true;
}

}  // namespace lavis4j
