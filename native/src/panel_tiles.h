// What products by AVX-512 share: packed panels, and the tiles of a result that are computed from
// them. Only for files compiled for AVX-512 F.
#ifndef LAVIS4J_SRC_PANEL_TILES_H_
#define LAVIS4J_SRC_PANEL_TILES_H_

#include <immintrin.h>

#include <algorithm>
#include <cmath>

#include "blocks.h"
#include "lanes.h"
#include "shuffles.h"

namespace lavis4j {

constexpr size_t kSums = 24;  // of the 32 registers
constexpr int kPanelDepth = 768;  // numbers that are summed before a result is written

// The rows of a vector in a panel of kWidth rows.
template <size_t kWidth>
constexpr size_t kGroup = kWidth % kLanes == 0 ? kLanes : 8;

// Sixteen columns of a group of rows whose numbers are neighbours, the first `depth` of them; whole
// groups and columns are known to be there.
template <size_t kWidth, bool kWhole>
void PackColumns(const Operand& from, size_t count, size_t depth, float* to) {
  constexpr size_t kRows = kGroup<kWidth>;
  __m512 rows[kRows];
  for (size_t i = 0; i < kRows; i++) {
    const __mmask16 there = kWhole ? First(kLanes) : i < count ? First(depth) : First(0);
    rows[i] = _mm512_maskz_loadu_ps(there, from.data + i * from.row);
  }
  Transpose(rows);
  for (size_t k = 0; k < (kWhole ? kLanes : std::min(kLanes, depth)); k++) {
    if constexpr (kRows == kLanes) {
      _mm512_store_ps(to + k * kWidth, rows[k]);
    } else {
      _mm256_store_ps(to + k * kWidth, k < kRows ? LowHalf(rows[k]) : HighHalf(rows[k - kRows]));
    }
  }
}

// A panel: to[k * kWidth + i] for i < count, k < depth; zeros for count <= i < kWidth.
template <size_t kWidth>
void PackPanel(const Operand& from, size_t count, size_t depth, float* to) {
  constexpr size_t kRows = kGroup<kWidth>;
  constexpr size_t kGroups = kWidth / kRows;
  size_t there[kGroups];
  for (size_t group = 0; group < kGroups; group++) {
    there[group] = std::min(kRows, count - std::min(count, group * kRows));
  }
  if (from.step == 1) {
    const size_t whole = depth / kLanes * kLanes;
    for (size_t group = 0; group < kGroups; group++) {
      const Operand lines = from.From(group * kRows, 0);
      float* const at = to + group * kRows;
      const size_t quick = there[group] == kRows ? whole : 0;
      for (size_t k = 0; k < quick; k += kLanes) {
        PackColumns<kWidth, true>(lines.From(0, k), kRows, kLanes, at + k * kWidth);
      }
      for (size_t k = quick; k < depth; k += kLanes) {
        PackColumns<kWidth, false>(lines.From(0, k), there[group], depth - k, at + k * kWidth);
      }
    }
    return;
  }
  for (size_t k = 0; k < depth; k++) {
    for (size_t group = 0; group < kGroups; group++) {
      const float* at = from.data + k * from.step + group * kRows;
      const __m512 numbers = _mm512_maskz_loadu_ps(First(there[group]), at);
      if constexpr (kRows == kLanes) {
        _mm512_store_ps(to + k * kWidth + group * kRows, numbers);
      } else {
        _mm256_store_ps(to + k * kWidth + group * kRows, LowHalf(numbers));
      }
    }
  }
}

// What becomes of the sums: c = alpha * sum + beta * c, or instead of c the bias of its row.
struct Update {
  float alpha;
  float beta;
  const float* bias = nullptr;

  const float* Old(const float* c) const { return bias == nullptr ? c : bias; }
};

// Fetches numbers into the second cache while those before them are multiplied: some lines with
// every kSteps numbers of depth.
class Fetcher {
 public:
  static constexpr size_t kSteps = 8;

  Fetcher() = default;

  // Runs of `size` numbers that stand `stride` apart, all of them within tiles of `depth` in all.
  Fetcher(const float* first, size_t stride, size_t runs, size_t size, size_t depth)
      : at_(reinterpret_cast<const char*>(first)),
        stride_(stride * sizeof(float)),
        runs_(runs),
        run_bytes_(size * sizeof(float) + kLine - 1),  // a run may begin anywhere in a line
        at_once_((runs * (run_bytes_ / kLine + 1) * kSteps + depth - 1) / depth) {}

  // Lines that are to be packed, while tiles of `depth` in all are multiplied.
  Fetcher(const Lines& lines, size_t depth)
      : Fetcher(lines.from.data, lines.from.step == 1 ? lines.from.row : lines.from.step,
                lines.from.step == 1 ? lines.count : lines.depth,
                lines.from.step == 1 ? lines.depth : lines.count, depth) {}

  void Some() {
    for (size_t i = 0; i < at_once_ && runs_ > 0; i++) {
      _mm_prefetch(at_ + byte_, _MM_HINT_T1);
      byte_ += kLine;
      if (byte_ >= run_bytes_) {
        byte_ = 0;
        at_ += stride_;
        runs_--;
      }
    }
  }

 private:
  static constexpr size_t kLine = 64;

  const char* at_ = nullptr;
  size_t stride_ = 0;
  size_t runs_ = 0;
  size_t run_bytes_ = 0;
  size_t byte_ = 0;
  size_t at_once_ = 0;
};

template <size_t kVectors>
void StoreColumn(const __m512 (&sums)[kVectors], const Update& update, float* c) {
  const __m512 alpha = _mm512_set1_ps(update.alpha);
  const __m512 beta = _mm512_set1_ps(update.beta);
  const float* const old = update.Old(c);
  for (size_t i = 0; i < kVectors; i++) {
    const __m512 product = _mm512_mul_ps(alpha, sums[i]);
    _mm512_storeu_ps(c + i * kLanes,
                     update.beta == 0
                         ? product
                         : _mm512_fmadd_ps(beta, _mm512_loadu_ps(old + i * kLanes), product));
  }
}

// The numbers of a tile's columns, one of each at a time: as a panel of kWidth has them.
template <size_t kWidth>
struct PackedColumns {
  const float* data;

  float operator[](size_t j) const { return data[j]; }
  void Next() { data += kWidth; }
};

// The same of columns as they lie, stride apart.
struct PlainColumns {
  const float* data;
  size_t stride;

  float operator[](size_t j) const { return data[j * stride]; }
  void Next() { data++; }
};

// sums += a panel of kVectors vectors times kColumns columns.
template <size_t kVectors, size_t kColumns, typename Columns>
[[gnu::always_inline]] inline void AddProducts(const float*& a, Columns& b, size_t depth,
                                               __m512 (&sums)[kColumns][kVectors]) {
  for (size_t k = 0; k < depth; k++) {
    __m512 lanes[kVectors];
    for (size_t i = 0; i < kVectors; i++) {
      lanes[i] = _mm512_load_ps(a + i * kLanes);
    }
    for (size_t j = 0; j < kColumns; j++) {
      const __m512 number = _mm512_set1_ps(b[j]);
      for (size_t i = 0; i < kVectors; i++) {
        sums[j][i] = _mm512_fmadd_ps(lanes[i], number, sums[j][i]);
      }
    }
    a += kVectors * kLanes;
    b.Next();
  }
}

// A tile of the result, kColumns columns of kVectors vectors, from a panel of rows and columns.
template <size_t kVectors, size_t kColumns, typename Columns>
void MultiplyTile(const float* a, Columns b, size_t depth, const Update& update, float* c,
                  size_t ldc, Fetcher& fetcher) {
  for (size_t j = 0; j < kColumns; j++) {
    for (size_t i = 0; i < kVectors; i++) {
      __builtin_prefetch(c + j * ldc + i * kLanes, 1);  // to be written at the end
    }
  }
  __m512 sums[kColumns][kVectors] = {};
  for (; depth >= Fetcher::kSteps; depth -= Fetcher::kSteps) {
    fetcher.Some();
    AddProducts(a, b, Fetcher::kSteps, sums);
  }
  AddProducts(a, b, depth, sums);
  for (size_t j = 0; j < kColumns; j++) {
    StoreColumn(sums[j], update, c + j * ldc);
  }
}

// What there is of a tile at the end of the result, and of its columns what is still to be written.
struct Edge {
  size_t rows;
  size_t first_column;
  size_t columns;  // from 0 on
};

template <size_t kVectors, size_t kColumns, typename Columns>
void MultiplyEdge(const float* a, Columns b, size_t depth, const Update& update, float* c,
                  size_t ldc, const Edge& edge, Fetcher& fetcher) {
  constexpr size_t kWidth = kVectors * kLanes;
  alignas(64) float tile[kColumns * kWidth];
  MultiplyTile<kVectors, kColumns>(a, b, depth, {update.alpha, 0}, tile, kWidth, fetcher);
  for (size_t j = edge.first_column; j < edge.columns; j++) {
    const float* const old = update.Old(c + j * ldc);
    for (size_t i = 0; i < edge.rows; i++) {
      const float product = tile[j * kWidth + i];
      float& element = c[j * ldc + i];
      // Rounded as in StoreColumn, whatever the compiler makes of a product and a sum.
      element = update.beta == 0 ? product : std::fma(update.beta, old[i], product);
    }
  }
}

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_PANEL_TILES_H_
