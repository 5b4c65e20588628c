// Compiled for AVX-512 F: nothing here may run on processors without it.
//
// The loops are those of Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication"
// (2008): a panel of B stays in the first cache, a block of A in the second.
#include "panels.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <new>

namespace lavis4j {
namespace {

constexpr size_t kLanes = 16;
constexpr size_t kRows = 48;  // of a tile of the result: three vectors
constexpr size_t kCols = 8;   // 24 of the 32 registers are sums
constexpr size_t kDepth = 384;
constexpr size_t kBlockRows = 10 * kRows;
constexpr size_t kBlockCols = 256 * kCols;
constexpr std::align_val_t kAlignment{64};

constexpr size_t Panels(size_t length, size_t width) { return (length + width - 1) / width; }

// Memory for panels, one of each kind for a thread, for as long as it lives.
class Scratch {
 public:
  explicit Scratch(size_t size) : data_(new (kAlignment) float[size]) {}
  ~Scratch() { operator delete[](data_, kAlignment); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  float* data() { return data_; }

 private:
  float* data_;
};

// A matrix whose element (i, k) stands at data[i * row + k * step]; row or step is 1.
struct Operand {
  const float* data;
  size_t row;
  size_t step;

  Operand From(size_t i, size_t k) const { return {data + i * row + k * step, row, step}; }
};

// Numbers k, ..., k + 15 of four rows, to[k * kWidth + 0 .. 3].
template <size_t kWidth>
void Transpose(const float* from, size_t row, float* to) {
  const __m512 r0 = _mm512_loadu_ps(from);
  const __m512 r1 = _mm512_loadu_ps(from + row);
  const __m512 r2 = _mm512_loadu_ps(from + 2 * row);
  const __m512 r3 = _mm512_loadu_ps(from + 3 * row);
  const auto low = [](__m512 a, __m512 b) {
    return __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29);
  };
  const auto high = [](__m512 a, __m512 b) {
    return __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31);
  };
  const auto first = [](__m512 a, __m512 b) {
    return __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29);
  };
  const auto second = [](__m512 a, __m512 b) {
    return __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31);
  };
  const __m512 columns[] = {first(low(r0, r1), low(r2, r3)), second(low(r0, r1), low(r2, r3)),
                            first(high(r0, r1), high(r2, r3)), second(high(r0, r1), high(r2, r3))};
  for (size_t k = 0; k < 4; k++) {  // a column in each quarter of a vector
    const __m512 c = columns[k];
    _mm_store_ps(to + k * kWidth, __builtin_shufflevector(c, c, 0, 1, 2, 3));
    _mm_store_ps(to + (4 + k) * kWidth, __builtin_shufflevector(c, c, 4, 5, 6, 7));
    _mm_store_ps(to + (8 + k) * kWidth, __builtin_shufflevector(c, c, 8, 9, 10, 11));
    _mm_store_ps(to + (12 + k) * kWidth, __builtin_shufflevector(c, c, 12, 13, 14, 15));
  }
}

template <size_t kWidth>
void Copy(const float* from, float* to) {
  static_assert(kWidth % 8 == 0, "whole vectors");
  for (size_t i = 0; i < kWidth; i += 8) {
    _mm256_store_ps(to + i, _mm256_loadu_ps(from + i));
  }
}

// A panel: to[k * kWidth + i] for i < count, k < depth; zeros for count <= i < kWidth.
template <size_t kWidth>
void PackPanel(const Operand& from, size_t count, size_t depth, float* to) {
  if (count == kWidth && from.row == 1) {
    for (size_t k = 0; k < depth; k++) {
      Copy<kWidth>(from.data + k * from.step, to + k * kWidth);
    }
    return;
  }
  size_t packed = 0;
  if (count == kWidth && from.step == 1) {
    packed = depth / kLanes * kLanes;
    for (size_t k = 0; k < packed; k += kLanes) {
      for (size_t i = 0; i < kWidth; i += 4) {
        Transpose<kWidth>(from.data + i * from.row + k, from.row, to + k * kWidth + i);
      }
    }
  }
  for (size_t k = packed; k < depth; k++) {
    for (size_t i = 0; i < kWidth; i++) {
      to[k * kWidth + i] = i < count ? from.data[i * from.row + k * from.step] : 0;
    }
  }
}

// All panels of count rows, one after the other.
template <size_t kWidth>
void Pack(const Operand& from, size_t count, size_t depth, float* to) {
  for (size_t i = 0; i < count; i += kWidth) {
    PackPanel<kWidth>(from.From(i, 0), std::min(kWidth, count - i), depth, to);
    to += kWidth * depth;
  }
}

// What becomes of the sums: c = alpha * sum + beta * c.
struct Update {
  float alpha;
  float beta;
};

void StoreColumn(const __m512 (&sums)[3], const Update& update, float* c) {
  const __m512 alpha = _mm512_set1_ps(update.alpha);
  const __m512 beta = _mm512_set1_ps(update.beta);
  for (size_t i = 0; i < 3; i++) {
    const __m512 product = _mm512_mul_ps(alpha, sums[i]);
    _mm512_storeu_ps(c + i * kLanes,
                     update.beta == 0
                         ? product
                         : _mm512_fmadd_ps(beta, _mm512_loadu_ps(c + i * kLanes), product));
  }
}

// A tile of the result from a panel of each side.
void MultiplyTile(const float* a, const float* b, size_t depth, const Update& update, float* c,
                  size_t ldc) {
  __m512 sums[kCols][3] = {};
  for (size_t k = 0; k < depth; k++) {
    const __m512 a0 = _mm512_load_ps(a);
    const __m512 a1 = _mm512_load_ps(a + kLanes);
    const __m512 a2 = _mm512_load_ps(a + 2 * kLanes);
    for (size_t j = 0; j < kCols; j++) {
      const __m512 number = _mm512_set1_ps(b[j]);
      sums[j][0] = _mm512_fmadd_ps(a0, number, sums[j][0]);
      sums[j][1] = _mm512_fmadd_ps(a1, number, sums[j][1]);
      sums[j][2] = _mm512_fmadd_ps(a2, number, sums[j][2]);
    }
    a += kRows;
    b += kCols;
  }
  for (size_t j = 0; j < kCols; j++) {
    StoreColumn(sums[j], update, c + j * ldc);
  }
}

// A tile at the end of rows or columns, of which rows and cols are there.
void MultiplyEdge(const float* a, const float* b, size_t depth, const Update& update, float* c,
                  size_t ldc, size_t rows, size_t cols) {
  alignas(64) float tile[kCols * kRows];
  MultiplyTile(a, b, depth, {update.alpha, 0}, tile, kRows);
  for (size_t j = 0; j < cols; j++) {
    for (size_t i = 0; i < rows; i++) {
      float& element = c[j * ldc + i];
      element = update.beta == 0 ? tile[j * kRows + i] : tile[j * kRows + i] + update.beta * element;
    }
  }
}

void MultiplyBlock(const float* a, size_t rows, const float* b, size_t cols, size_t depth,
                   const Update& update, float* c, size_t ldc) {
  for (size_t j = 0; j < cols; j += kCols) {
    for (size_t i = 0; i < rows; i += kRows) {
      const float* a_panel = a + i * depth;
      const float* b_panel = b + j * depth;
      float* tile = c + j * ldc + i;
      if (i + kRows <= rows && j + kCols <= cols) {
        MultiplyTile(a_panel, b_panel, depth, update, tile, ldc);
      } else {
        MultiplyEdge(a_panel, b_panel, depth, update, tile, ldc, std::min(kRows, rows - i),
                     std::min(kCols, cols - j));
      }
    }
  }
}

}  // namespace

void MultiplyPanels(const Gemm<float>& p) {
  thread_local Scratch a_panels(kBlockRows * kDepth);
  thread_local Scratch b_panels(kBlockCols * kDepth);
  const auto size = [](int number) { return static_cast<size_t>(number); };
  const size_t m = size(p.m);
  const size_t n = size(p.n);
  const size_t k = size(p.k);
  const size_t ldc = size(p.ldc);
  const Operand a{p.a, p.transposed_a ? size(p.lda) : 1, p.transposed_a ? 1 : size(p.lda)};
  const Operand b{p.b, p.transposed_b ? 1 : size(p.ldb), p.transposed_b ? size(p.ldb) : 1};
  const size_t depths = Panels(k, kDepth);
  for (size_t col = 0; col < n; col += kBlockCols) {
    const size_t cols = std::min(kBlockCols, n - col);
    for (size_t part = 0; part < depths; part++) {
      const size_t begin = k * part / depths;
      const size_t depth = k * (part + 1) / depths - begin;
      const Update update{p.alpha, part == 0 ? p.beta : 1};
      Pack<kCols>(b.From(col, begin), cols, depth, b_panels.data());
      for (size_t row = 0; row < m; row += kBlockRows) {
        const size_t rows = std::min(kBlockRows, m - row);
        Pack<kRows>(a.From(row, begin), rows, depth, a_panels.data());
        MultiplyBlock(a_panels.data(), rows, b_panels.data(), cols, depth, update,
                      p.c + col * ldc + row, ldc);
      }
    }
  }
}

}  // namespace lavis4j
#endif
