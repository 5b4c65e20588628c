#include "webp_decoder.h"

#include <cstdio>
#include <cstring>

// Of libwebp's public interface, webp/decode.h, which Leptonica brings without its headers.
extern "C" {
uint8_t* WebPDecodeRGBInto(const uint8_t* data, size_t size, uint8_t* out, size_t out_size,
                           int stride);
}

namespace lavis4j {

bool WebpDecoder::Recognises(const Bytes& file) {
  return file.size >= kHeader && std::memcmp(file.data, "RIFF", 4) == 0 &&
         std::memcmp(file.data + 8, "WEBP", 4) == 0;
}

lavis4j_image_status WebpDecoder::Damaged() {
  std::snprintf(message_, sizeof(message_), "its WebP data are damaged");
  return LAVIS4J_IMAGE_BROKEN;
}

lavis4j_image_status WebpDecoder::Open(const Bytes& file) {
  if (WebpChunks::IsCutOff(file)) {
    SayCutOff(file.size);
    return LAVIS4J_IMAGE_BROKEN;
  }
  if (!chunks_.Open(file)) {
    return Damaged();
  }
  return CheckSize(chunks_.width(), chunks_.height());
}

lavis4j_image_status WebpDecoder::Select(const lavis4j_image_box& part) {
  part_ = part;
  next_ = part.top;
  const size_t stride = 3 * static_cast<size_t>(width_);
  const size_t size = stride * static_cast<size_t>(height_);
  if (!image_.Reserve(size)) {  // which is black
    return LAVIS4J_IMAGE_NO_MEMORY;
  }
  const lavis4j_image_box& frame = chunks_.frame();
  const Bytes& content = chunks_.content();
  const size_t start =
      static_cast<size_t>(frame.top) * stride + 3 * static_cast<size_t>(frame.left);
  const size_t room =
      stride * static_cast<size_t>(frame.height - 1) + 3 * static_cast<size_t>(frame.width);
  if (WebPDecodeRGBInto(content.data, content.size, image_.data() + start, room,
                        static_cast<int>(stride)) == nullptr) {
    return Damaged();
  }
  return LAVIS4J_IMAGE_OK;
}

lavis4j_image_status WebpDecoder::Read(uint8_t* rows, size_t stride, int count) {
  const size_t line = 3 * static_cast<size_t>(width_);
  for (int i = 0; i < count; i++, next_++) {
    std::memcpy(
        rows + static_cast<size_t>(i) * stride,
        image_.data() + static_cast<size_t>(next_) * line + 3 * static_cast<size_t>(part_.left),
        3 * static_cast<size_t>(part_.width));
  }
  return LAVIS4J_IMAGE_OK;
}

lavis4j_image_status WebpDecoder::Finish() { return LAVIS4J_IMAGE_OK; }

}  // namespace lavis4j
