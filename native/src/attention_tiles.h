// Small products and transposes for attention_loops.h. V is an instruction set: kLanes, the floats
// of a vector; kVectors, the most vectors side by side in a tile; kSums, the vectors of sums that
// the registers hold. It has internal linkage, so that each file has loops of its own.
#ifndef LAVIS4J_SRC_ATTENTION_TILES_H_
#define LAVIS4J_SRC_ATTENTION_TILES_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

namespace lavis4j {

template <size_t kLanes>
struct FloatVector {
  using Type __attribute__((vector_size(kLanes * sizeof(float)))) = float;
};

template <size_t kLanes>
struct IntVector {
  using Type __attribute__((vector_size(kLanes * sizeof(int32_t)))) = int32_t;
};

// c[r][i] = sum of a[r a_row + t a_step] x[t][i] over t < depth, added to c where accumulated.
struct SmallProduct {
  const float* a;
  size_t a_row;
  size_t a_step;
  const float* x;
  size_t x_stride;
  size_t rows;
  size_t columns;
  size_t depth;
  float* c;
  size_t c_stride;
  bool accumulated;
};

template <typename V>
class AttentionTiles {
 public:
  static void Multiply(const SmallProduct& p) {
    if (p.a_row == 1) {
      Columns<V::kLanes, true>(p, 0);
    } else {
      Columns<V::kLanes, false>(p, 0);
    }
  }

  // to[c][r] = from[r][c]; to is to_stride wide, a multiple of kLanes, and gets zeros for rows that
  // from has not.
  static void Transpose(const float* from, size_t stride, size_t rows, size_t columns, float* to,
                        size_t to_stride) {
    for (size_t r = 0; r < to_stride; r += V::kLanes) {
      for (size_t c = 0; c < columns; c += V::kLanes) {
        const size_t height = r < rows ? std::min(V::kLanes, rows - r) : 0;
        const size_t width = std::min(V::kLanes, columns - c);
        Square(from + r * stride + c, stride, height, width, to + c * to_stride + r, to_stride);
      }
    }
  }

 private:
  template <size_t kLanes>
  using Floats = typename FloatVector<kLanes>::Type;

  // From column first on, in vectors of kLanes, then in shorter ones.
  template <size_t kLanes, bool kAdjoining>
  static void Columns(const SmallProduct& p, size_t first) {
    constexpr size_t kWidest = V::kVectors * kLanes;
    for (; first + kWidest <= p.columns; first += kWidest) {
      Rows<kLanes, V::kVectors, kAdjoining>(p, first);
    }
    first = Rest<kLanes, V::kVectors - 1, kAdjoining>(p, first);
    if (first < p.columns) {
      if constexpr (kLanes > 4) {
        Columns<kLanes / 2, kAdjoining>(p, first);
      } else {
        Scalars(p, first);
      }
    }
  }

  template <size_t kLanes, size_t kVectors, bool kAdjoining>
  static size_t Rest(const SmallProduct& p, size_t first) {
    if constexpr (kVectors == 0) {
      return first;
    } else {
      if (first + kVectors * kLanes <= p.columns) {
        Rows<kLanes, kVectors, kAdjoining>(p, first);
        return first + kVectors * kLanes;
      }
      return Rest<kLanes, kVectors - 1, kAdjoining>(p, first);
    }
  }

  template <size_t kLanes, size_t kVectors, bool kAdjoining>
  static void Rows(const SmallProduct& p, size_t first) {
    constexpr size_t kRows = std::min<size_t>(V::kSums / kVectors, 12);
    size_t row = 0;
    for (; row + kRows <= p.rows; row += kRows) {
      Tile<kLanes, kVectors, kRows, kAdjoining>(p, row, first);
    }
    if (row + kRows / 2 <= p.rows) {
      Tile<kLanes, kVectors, kRows / 2, kAdjoining>(p, row, first);
      row += kRows / 2;
    }
    for (; row < p.rows; row++) {
      Tile<kLanes, kVectors, 1, kAdjoining>(p, row, first);
    }
  }

  template <size_t kLanes, size_t kVectors, size_t kRows, bool kAdjoining>
  static void Tile(const SmallProduct& p, size_t row, size_t first) {
    Floats<kLanes> sums[kRows][kVectors] = {};
    const size_t a_row = kAdjoining ? 1 : p.a_row;
    const float* a = p.a + row * a_row;
    const float* x = p.x + first;
    for (size_t t = 0; t < p.depth; t++) {
      Floats<kLanes> right[kVectors];
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; j++) {
        right[j] = Load<kLanes>(x + j * kLanes);
      }
#pragma GCC unroll 12
      for (size_t r = 0; r < kRows; r++) {
        const float left = a[r * a_row];
#pragma GCC unroll 4
        for (size_t j = 0; j < kVectors; j++) {
          sums[r][j] += right[j] * left;
        }
      }
      a += p.a_step;
      x += p.x_stride;
    }
    float* c = p.c + row * p.c_stride + first;
#pragma GCC unroll 12
    for (size_t r = 0; r < kRows; r++) {
#pragma GCC unroll 4
      for (size_t j = 0; j < kVectors; j++) {
        float* to = c + r * p.c_stride + j * kLanes;
        Store<kLanes>(p.accumulated ? Load<kLanes>(to) + sums[r][j] : sums[r][j], to);
      }
    }
  }

  static void Scalars(const SmallProduct& p, size_t first) {
    for (size_t r = 0; r < p.rows; r++) {
      for (size_t i = first; i < p.columns; i++) {
        float sum = 0;
        for (size_t t = 0; t < p.depth; t++) {
          sum += p.a[r * p.a_row + t * p.a_step] * p.x[t * p.x_stride + i];
        }
        float& c = p.c[r * p.c_stride + i];
        c = p.accumulated ? c + sum : sum;
      }
    }
  }

  template <size_t kLanes>
  static Floats<kLanes> Load(const float* from) {
    Floats<kLanes> lanes;
    std::memcpy(&lanes, from, sizeof(lanes));
    return lanes;
  }

  template <size_t kLanes>
  static void Store(Floats<kLanes> lanes, float* to) {
    std::memcpy(to, &lanes, sizeof(lanes));
  }

  static void Square(const float* from, size_t stride, size_t height, size_t width, float* to,
                     size_t to_stride) {
    constexpr size_t kLanes = V::kLanes;
    Floats<kLanes> rows[kLanes] = {};
    for (size_t r = 0; r < height; r++) {
      if (width == kLanes) {
        rows[r] = Load<kLanes>(from + r * stride);
      } else {
        float some[kLanes] = {};
        std::copy_n(from + r * stride, width, some);
        rows[r] = Load<kLanes>(some);
      }
    }
    Exchange<kLanes / 2>(rows, std::make_index_sequence<kLanes>());
    if (width == kLanes) {
#pragma GCC unroll 16
      for (size_t c = 0; c < kLanes; c++) {
        Store<kLanes>(rows[c], to + c * to_stride);
      }
    } else {
      for (size_t c = 0; c < width; c++) {
        Store<kLanes>(rows[c], to + c * to_stride);
      }
    }
  }

  // Transposes squares of 2 kHalf rows: exchanges the right half of the upper rows with the left
  // half of the lower ones, then goes on with squares of half the size.
  template <size_t kHalf, size_t... i>
  static void Exchange(Floats<V::kLanes> (&rows)[V::kLanes], std::index_sequence<i...> lanes) {
    constexpr size_t kLanes = V::kLanes;
#pragma GCC unroll 16
    for (size_t r = 0; r < kLanes; r++) {
      if ((r & kHalf) == 0) {
        const auto upper = rows[r];
        const auto lower = rows[r + kHalf];
        rows[r] =
            __builtin_shufflevector(upper, lower, ((i & kHalf) == 0 ? i : kLanes + i - kHalf)...);
        rows[r + kHalf] =
            __builtin_shufflevector(upper, lower, ((i & kHalf) == 0 ? i + kHalf : kLanes + i)...);
      }
    }
    if constexpr (kHalf > 1) {
      Exchange<kHalf / 2>(rows, lanes);
    }
  }
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_ATTENTION_TILES_H_
