// Image files as rows of RGB.
#ifndef LAVIS4J_SRC_DECODER_H_
#define LAVIS4J_SRC_DECODER_H_

#include <cstddef>
#include <cstdint>

#include "lavis4j/image.h"

namespace lavis4j {

// A file in memory.
struct Bytes {
  const uint8_t* data;
  size_t size;
};

// Reads one file: Open, then perhaps Reduce, then Select, then Read until the last row that was
// selected, then Finish. After a failure nothing but message and destruction may follow.
//
// A decoder calls C libraries that report errors by longjmp. Each of its methods catches what
// happens inside it, and no object with a destructor lives in such a method.
class Decoder {
 public:
  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  virtual ~Decoder() = default;

  // Reads the header.
  virtual lavis4j_image_status Open(const Bytes& file) = 0;

  // Asks for an image whose pixels are the means of squares of the file's, up to limit on a side,
  // and says how many on a side they will be: 1, 2, 4 or 8. The last column and row may cover less.
  virtual int Reduce(int /*limit*/) { return 1; }

  // Chooses the part that will be read, inside the image as it was reduced.
  virtual lavis4j_image_status Select(const lavis4j_image_box& part) = 0;

  // Reads the next rows of the part. row(i) must have room for (part width, 3) bytes.
  virtual lavis4j_image_status Read(uint8_t* rows, size_t stride, int count) = 0;

  // Makes sure that the rest of the file is there.
  virtual lavis4j_image_status Finish() = 0;

  // Of the file, whatever it is reduced to.
  int width() const { return width_; }
  int height() const { return height_; }

  // The reason why the file cannot be read, after LAVIS4J_IMAGE_BROKEN.
  const char* message() const { return message_; }

 protected:
  // Refuses a size that no image has, before anything is allocated for its pixels.
  lavis4j_image_status CheckSize(int64_t width, int64_t height);

  // The decoder asked for bytes after the end.
  void SayCutOff(size_t size);

  int width_ = 0;
  int height_ = 0;
  char message_[LAVIS4J_IMAGE_MESSAGE_SIZE] = "";
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_DECODER_H_
