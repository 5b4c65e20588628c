#include "decoder.h"

#include <cinttypes>
#include <cstdio>

namespace lavis4j {

lavis4j_image_status Decoder::CheckSize(int64_t width, int64_t height) {
  if (width < 1 || height < 1 || width > LAVIS4J_IMAGE_MAX_PIXELS / height) {
    std::snprintf(message_, sizeof(message_),
                  "it claims %" PRId64 " x %" PRId64 " pixels, expected 1 to %d", width, height,
                  LAVIS4J_IMAGE_MAX_PIXELS);
    return LAVIS4J_IMAGE_BROKEN;
  }
  width_ = static_cast<int>(width);
  height_ = static_cast<int>(height);
  return LAVIS4J_IMAGE_OK;
}

void Decoder::SayCutOff(size_t size) {
  std::snprintf(message_, sizeof(message_), "it is cut off after %zu bytes", size);
}

}  // namespace lavis4j
