// The pixels of one axis that make each pixel of a resized image, and their weights.
#ifndef LAVIS4J_SRC_TAPS_H_
#define LAVIS4J_SRC_TAPS_H_

#include <cstddef>
#include <cstdint>

#include "buffer.h"
#include "kernels.h"

namespace lavis4j {

// The pixels of one axis, and the stretch of them that is resized. It may begin and end inside a
// pixel; nothing outside of the pixels is looked at.
struct Axis {
  int pixels;
  double start;
  double extent;

  static Axis Whole(int pixels) { return {pixels, 0, static_cast<double>(pixels)}; }
};

class Taps {
 public:
  // For count of the out result pixels, from offset on. Keys' cubic kernel with a = -0.5, widened
  // when shrinking. False where there is no memory.
  bool Make(const Axis& in, int out, int offset, int count);

  int count() const { return count_; }
  int longest() const { return longest_; }
  int start(int i) const { return starts_[static_cast<size_t>(i)]; }
  int length(int i) const { return lengths_[static_cast<size_t>(i)]; }
  int end(int i) const { return start(i) + length(i); }

  const int32_t* weights(int i) const {
    return weights_.data() + static_cast<size_t>(i) * static_cast<size_t>(longest_);
  }

  TapsView view() const {
    return {count_, starts_.data(), lengths_.data(), weights_.data(),
            static_cast<size_t>(longest_)};
  }

  // The first pixel that any result pixel needs, and the one after the last.
  int first() const { return start(0); }
  int last() const { return end(count_ - 1); }

 private:
  int count_ = 0;
  int longest_ = 0;
  Buffer<int32_t> starts_;
  Buffer<int32_t> lengths_;
  Buffer<int32_t> weights_;
  Buffer<double> exact_;
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_TAPS_H_
