#include "dots.h"

#include <algorithm>
#include <new>

namespace lavis4j {

namespace {

constexpr std::align_val_t kAlignment{kLine * sizeof(float)};

}  // namespace

PackedRows::PackedRows(const float* x, size_t stride, size_t rows, size_t depth,
                       size_t tile_rows)
    : data_(new (kAlignment) float[rows * Lines(depth) * kLine]) {
  float* to = data_;
  const size_t tiles = (rows + tile_rows - 1) / tile_rows;
  for (size_t tile = 0; tile < tiles; tile++) {
    const size_t begin = rows * tile / tiles;
    const size_t end = rows * (tile + 1) / tiles;
    for (size_t k = 0; k < depth; k += kLine) {
      const size_t count = std::min(kLine, depth - k);
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
