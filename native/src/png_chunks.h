// The chunks of a PNG file.
#ifndef LAVIS4J_SRC_PNG_CHUNKS_H_
#define LAVIS4J_SRC_PNG_CHUNKS_H_

#include <cstddef>
#include <cstdint>

#include "decoder.h"

namespace lavis4j {

// Takes or refuses chunks as Pillow does. Up to the pixels, every checksum must be right, and the
// last header, palette and frame count; chunks that nobody knows are passed over, whatever their
// names say. The pixels' own chunks have no checksum but that of their compressed stream. What
// follows them may be cut off between two chunks, not inside of one. Texts and profiles are not
// inflated, so that Pillow's limits for them do not apply.
class PngChunks {
 public:
  // Goes up to the pixels. A reason for refusal goes to message, of LAVIS4J_IMAGE_MESSAGE_SIZE.
  bool Open(const Bytes& file, char* message);

  // The next bytes of the compressed pixels; empty, with a message, where there are no more.
  Bytes Next();

  // Goes from the pixels to the end.
  bool Finish();

  int64_t width() const { return width_; }
  int64_t height() const { return height_; }
  int depth() const { return depth_; }
  int colour_type() const { return colour_type_; }
  bool interlaced() const { return interlaced_; }

  // Entries of three bytes, perhaps fewer than the pixels need.
  const Bytes& palette() const { return palette_; }

  // Where the pixels lie: the first frame of an animation may be smaller than the image.
  const lavis4j_image_box& frame() const { return frame_; }

 private:
  bool ReadHeader();
  bool ReadContent(Bytes* content);
  bool ReadFrameNumber();
  bool Take(const Bytes& content);
  bool TakeHeader(const Bytes& content);
  bool TakeFrame(const Bytes& content);
  bool IsFrameNumber(const uint8_t* from);
  bool IsFrameInside();
  bool PlaceFrame();
  void SkipChecksum();
  bool Is(const char* name) const;
  bool Refuse(const char* format, ...) __attribute__((format(printf, 2, 3)));
  bool RefuseCutOff();
  bool RefuseWhatFollows();

  Bytes file_{};
  char* message_ = nullptr;
  size_t at_ = 0;      // of the next byte
  size_t start_ = 0;   // of the current chunk
  size_t length_ = 0;  // of its content
  size_t left_ = 0;    // of the content of the pixels' current chunk

  int64_t width_ = 0;
  int64_t height_ = 0;
  int depth_ = 0;  // 0 before there is a header
  int colour_type_ = 0;
  bool interlaced_ = false;
  Bytes palette_{};
  bool has_frame_ = false;
  int64_t place_[4] = {};   // left, top, width and height of the first frame
  int64_t num_frames_ = 0;  // 0 if the file does not say
  int64_t next_frame_number_ = 0;
  bool default_image_ = false;  // whether the pixels are not a frame of the animation
  lavis4j_image_box frame_{};
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_PNG_CHUNKS_H_
