#include "webp_decoder.h"

#include <cstdio>
#include <cstring>

// Of libwebp's public interface, webp/decode.h, which Leptonica brings without its headers.
extern "C" {
int WebPGetInfo(const uint8_t* data, size_t size, int* width, int* height);
uint8_t* WebPDecodeRGBInto(const uint8_t* data, size_t size, uint8_t* out, size_t out_size,
                           int stride);
}

namespace lavis4j {
namespace {

// A file is a RIFF chunk, which holds a type and chunks; each has a name and a length.
constexpr size_t kChunkHeader = 8;
constexpr size_t kFileHeader = 12;

// In the chunk VP8X.
constexpr size_t kExtendedSize = 10;
constexpr uint8_t kAnimated = 0x02;

// In the chunk ANMF: left and top halved, width and height less one, duration, flags.
constexpr size_t kFrameHeader = 16;

uint32_t Number(const uint8_t* from, int bytes) {
  uint32_t number = 0;
  for (int i = 0; i < bytes; i++) {
    number |= static_cast<uint32_t>(from[i]) << (8 * i);
  }
  return number;
}

bool Is(const uint8_t* from, const char* name) { return std::memcmp(from, name, 4) == 0; }

size_t ChunkLength(const uint8_t* chunk) { return Number(chunk + 4, 4); }

}  // namespace

bool WebpDecoder::Recognises(const Bytes& file) {
  return file.size >= kFileHeader && Is(file.data, "RIFF") && Is(file.data + 8, "WEBP");
}

lavis4j_image_status WebpDecoder::Damaged() {
  std::snprintf(message_, sizeof(message_), "its WebP data are damaged");
  return LAVIS4J_IMAGE_BROKEN;
}

lavis4j_image_status WebpDecoder::Open(const Bytes& file) {
  const size_t claimed = ChunkLength(file.data) + kChunkHeader;
  if (file.size < claimed) {
    SayCutOff(file.size);
    return LAVIS4J_IMAGE_BROKEN;
  }
  content_ = {file.data, claimed};
  int width = 0;
  int height = 0;
  if (claimed < kFileHeader || WebPGetInfo(file.data, claimed, &width, &height) == 0) {
    return Damaged();
  }
  const lavis4j_image_status status = CheckSize(width, height);
  if (status != LAVIS4J_IMAGE_OK) {
    return status;
  }
  frame_ = {0, 0, width_, height_};
  const uint8_t* chunk = file.data + kFileHeader;
  const bool extended = claimed >= kFileHeader + kChunkHeader + kExtendedSize && Is(chunk, "VP8X");
  return extended && (chunk[kChunkHeader] & kAnimated) != 0 ? OpenAnimation() : LAVIS4J_IMAGE_OK;
}

lavis4j_image_status WebpDecoder::OpenAnimation() {
  size_t at = kFileHeader;
  while (content_.size - at >= kChunkHeader) {
    const uint8_t* chunk = content_.data + at;
    const size_t length = ChunkLength(chunk);
    if (length > content_.size - at - kChunkHeader) {
      return Damaged();
    }
    if (Is(chunk, "ANMF") && length >= kFrameHeader) {
      const uint8_t* header = chunk + kChunkHeader;
      const auto number = [&](int i) { return static_cast<int32_t>(Number(header + 3 * i, 3)); };
      frame_ = {2 * number(0), 2 * number(1), number(2) + 1, number(3) + 1};
      content_ = {header + kFrameHeader, length - kFrameHeader};
      int width = 0;
      int height = 0;
      const bool fits = frame_.width <= width_ - frame_.left &&
                        frame_.height <= height_ - frame_.top &&
                        WebPGetInfo(content_.data, content_.size, &width, &height) != 0 &&
                        width == frame_.width && height == frame_.height;
      return fits ? LAVIS4J_IMAGE_OK : Damaged();
    }
    at += kChunkHeader + length + length % 2;  // chunks begin at even bytes
    if (at > content_.size) {
      break;
    }
  }
  return Damaged();
}

lavis4j_image_status WebpDecoder::Select(const lavis4j_image_box& part) {
  part_ = part;
  next_ = part.top;
  const size_t stride = 3 * static_cast<size_t>(width_);
  const size_t size = stride * static_cast<size_t>(height_);
  if (!image_.Reserve(size)) {  // which is black
    return LAVIS4J_IMAGE_NO_MEMORY;
  }
  const size_t start =
      static_cast<size_t>(frame_.top) * stride + 3 * static_cast<size_t>(frame_.left);
  const size_t room =
      stride * static_cast<size_t>(frame_.height - 1) + 3 * static_cast<size_t>(frame_.width);
  if (WebPDecodeRGBInto(content_.data, content_.size, image_.data() + start, room,
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
