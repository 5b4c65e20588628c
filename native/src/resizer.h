// Resizes an image as its rows arrive.
#ifndef LAVIS4J_SRC_RESIZER_H_
#define LAVIS4J_SRC_RESIZER_H_

#include <cstddef>
#include <cstdint>

#include "buffer.h"
#include "kernels.h"
#include "lavis4j/image.h"
#include "taps.h"

namespace lavis4j {

// Where the rows of the result go, from the upper one on.
class RowSink {
 public:
  // row: (window width, 3)
  virtual void Take(const uint8_t* row) = 0;

 protected:
  ~RowSink() = default;
};

// Pillow's bicubic resampling of 8-bit images: one pass along each axis, each rounded to 8 bits.
// The order of the passes is that of Pillow 13. Only rows that a result still waits for are kept.
class Resizer {
 public:
  explicit Resizer(const Kernels& kernels) : kernels_(kernels) {}

  // Starts with another image, of which columns and rows become plan's width and height. False
  // where there is no memory.
  bool Begin(const Axis& columns, const Axis& rows, const lavis4j_image_plan& plan, RowSink& sink);

  // The part that the result is made of: rows and columns counted inside those of Begin.
  const lavis4j_image_box& part() const { return part_; }

  // Where to put the next rows of the part, one below the other; padded.
  uint8_t* Row(size_t i) { return input_.data() + i * input_stride_; }

  // Bytes from one of them to the next.
  size_t stride() const { return input_stride_; }

  // How many rows to put there; 0 when the result is complete.
  int Wanted() const;

  // Takes as many rows as were wanted.
  void Push();

 private:
  struct Ring {
    Buffer<uint8_t> bytes;
    size_t stride = 0;
    int capacity = 0;

    uint8_t* Row(int i) { return bytes.data() + static_cast<size_t>(i % capacity) * stride; }
  };

  void Horizontal(const uint8_t* const* in, uint8_t* const* out);
  void FinishRows();
  void FlushBand(int count);

  const Kernels& kernels_;
  RowSink* sink_ = nullptr;
  lavis4j_image_box part_{};
  bool vertical_first_ = false;
  Taps columns_;
  Taps rows_;
  size_t in_length_ = 0;   // bytes of a row of the part
  size_t out_length_ = 0;  // bytes of a row of the result
  size_t input_stride_ = 0;
  int next_in_ = 0;   // row of the crop
  int next_out_ = 0;  // row of the window
  Buffer<uint8_t> input_;
  Ring ring_;  // rows that wait for the pass along y
  Buffer<const uint8_t*> tap_rows_;
  Buffer<uint8_t> band_;    // what the pass along y makes of a band, where it is the first
  Buffer<uint8_t> result_;  // rows of the result
  Buffer<uint8_t> scratch_;
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_RESIZER_H_
