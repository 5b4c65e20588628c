#include "dots.h"

#include <algorithm>
#include <new>

namespace lavis4j {

namespace {

constexpr std::align_val_t kAlignment{kLine * sizeof(float)};

}  // namespace

PackedRows::PackedRows(size_t rows, size_t depth, size_t tile_rows)
    : rows_(rows),
      depth_(depth),
      tiles_((rows + tile_rows - 1) / tile_rows),
      data_(new (kAlignment) float[rows * Lines(depth) * kLine]) {}

void PackedRows::Fill(const float* x, size_t stride, size_t part, size_t parts) {
  const size_t lines = Lines(depth_);
  const size_t first = lines * part / parts;
  const size_t last = lines * (part + 1) / parts;
  for (size_t tile = 0; tile < tiles_; tile++) {
    const size_t begin = rows_ * tile / tiles_;
    const size_t end = rows_ * (tile + 1) / tiles_;
    float* to = data_ + (begin * lines + (end - begin) * first) * kLine;
    for (size_t k = first * kLine; k < last * kLine; k += kLine) {
      const size_t count = std::min(kLine, depth_ - k);
      for (size_t row = begin; row < end; row++) {
        std::copy_n(x + row * stride + k, count, to);
        std::fill(to + count, to + kLine, 0.0F);
        to += kLine;
      }
    }
  }
}

PackedRows::~PackedRows() { operator delete[](data_, kAlignment); }

const DotsKernel* BestDots() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) {
    return &kAvx512Dots;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
    return &kAvx2Dots;
  }
#endif
  return nullptr;
}

}  // namespace lavis4j
