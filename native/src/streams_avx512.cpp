// Compiled for AVX-512 F: nothing here may run on processors without it.
#include "streams.h"

#if defined(__x86_64__)
#include "layer.h"
#include "panel_tiles.h"

namespace lavis4j {
namespace {

constexpr size_t kStrip = 48;  // rows that are multiplied with all columns, then the next
constexpr size_t kMostCols = 320;

size_t Size(int number) { return static_cast<size_t>(number); }

// The rows of A as they lie, A transposed: numbers of a row are neighbours, and each is multiplied
// with vectors of columns. B is held in panels of 64, 48 or 32 columns.
class RowStream {
 public:
  static void Run(const Gemm<float>& product) {
    thread_local Scratch<float> held(kMostCols * Size(kPanelDepth));
    const int64_t parts = DepthParts(product, kPanelDepth);
    for (int64_t part = 0; part < parts; part++) {
      RowStream(DepthPart(product, parts, part), part + 1 < parts, held.data()).AllRows();
    }
  }

 private:
  RowStream(const Gemm<float>& p, bool goes_on, float* held)
      : p_(p),
        lda_(Size(p.lda)),
        ldc_(Size(p.ldc)),
        rows_(Size(p.m)),
        cols_(Size(p.n)),
        depth_(Size(p.k)),
        goes_on_(goes_on),
        held_(held) {}

  void AllRows() const {
    const Operand b{p_.b, Size(p_.ldb), 1};
    ForPanels([&](size_t col, size_t vectors) {
      const size_t count = std::min(vectors * kLanes, cols_ - col);
      float* panel = held_ + col * depth_;
      switch (vectors) {
        case 4:
          return PackPanel<4 * kLanes>(b.From(col, 0), count, depth_, panel);
        case 3:
          return PackPanel<3 * kLanes>(b.From(col, 0), count, depth_, panel);
        default:
          return PackPanel<2 * kLanes>(b.From(col, 0), count, depth_, panel);
      }
    });
    for (size_t row = 0; row < rows_; row += kStrip) {
      Fetcher fetcher = Next(row + kStrip);
      const size_t first = std::min(row, rows_ - kStrip);  // the last begins in the one before
      const Range rows{static_cast<int>(row), static_cast<int>(std::min(kStrip, rows_ - row))};
      ForPanels([&](size_t col, size_t vectors) {
        const size_t cols = std::min(vectors * kLanes, cols_ - col);
        const Gemm<float> panel =
            p_.Block(rows, {static_cast<int>(col), static_cast<int>(cols)});
        FetchResidual(panel);
        alignas(64) float sums[kStrip * kWidest];
        switch (vectors) {
          case 4:
            Multiply<4>(first, col, sums, fetcher);
            break;
          case 3:
            Multiply<3>(first, col, sums, fetcher);
            break;
          default:
            Multiply<2>(first, col, sums, fetcher);
        }
        Write(sums, first, row - first, col, cols);
        FinishLayer(panel);
      });
    }
  }

  // Calls body(first column, vectors of columns) for panels that cover all columns. Four or three
  // vectors are faster than two, and one would be slower.
  template <typename Body>
  void ForPanels(const Body& body) const {
    size_t left = Vectors();
    for (size_t col = 0; left > 0;) {
      const size_t vectors = left == 4 || left >= 7 ? 4 : left == 3 || left >= 5 ? 3 : 2;
      body(col, vectors);
      col += vectors * kLanes;
      left -= std::min(left, vectors);
    }
  }

  size_t Vectors() const { return (cols_ + kLanes - 1) / kLanes; }

  // The strip that begins at a row, or the first of the next part of the sums.
  Fetcher Next(size_t row) const {
    const size_t depth_of_tiles = kStrip * Vectors() / kSums * depth_;
    if (row < rows_) {
      return {p_.a + row * lda_, lda_, std::min(kStrip, rows_ - row), depth_, depth_of_tiles};
    }
    return goes_on_ ? Fetcher(p_.a + depth_, lda_, kStrip, depth_, depth_of_tiles) : Fetcher();
  }

  // sums[row][col] of a strip and a panel, kWidest apart.
  template <size_t kVectors>
  void Multiply(size_t row, size_t col, float* sums, Fetcher& fetcher) const {
    constexpr size_t kTileRows = kSums / kVectors;
    for (size_t i = 0; i < kStrip; i += kTileRows) {
      const PlainColumns numbers{p_.a + (row + i) * lda_, lda_};
      MultiplyTile<kVectors, kTileRows>(held_ + col * depth_, numbers, depth_, {1, 0},
                                        sums + i * kWidest, kWidest, fetcher);
    }
  }

  // c = alpha * sums' + beta * c for rows of a strip, without those that were written before.
  void Write(const float* sums, size_t row, size_t written, size_t col, size_t cols) const {
    for (size_t i = 0; i < kStrip; i += kLanes) {
      const size_t skipped = written > i ? std::min(written - i, kLanes) : 0;
      const auto rows = static_cast<__mmask16>(0xFFFFU << skipped);
      for (size_t j = 0; j < cols; j += kLanes) {
        Write16(sums + i * kWidest + j, rows, std::min(kLanes, cols - j),
                p_.c + (col + j) * ldc_ + row + i,
                p_.layer.bias == nullptr ? nullptr : p_.layer.bias + row + i);
      }
    }
  }

  void Write16(const float* sums, __mmask16 rows, size_t cols, float* c, const float* bias) const {
    __m512 columns[kLanes];
    for (size_t i = 0; i < kLanes; i++) {
      columns[i] = _mm512_load_ps(sums + i * kWidest);
    }
    Transpose(columns);
    const __m512 alpha = _mm512_set1_ps(p_.alpha);
    const __m512 beta = _mm512_set1_ps(p_.beta);
    for (size_t j = 0; j < cols; j++, c += ldc_) {
      __m512 sum = _mm512_mul_ps(alpha, columns[j]);
      if (p_.beta != 0) {
        sum = _mm512_fmadd_ps(beta, _mm512_maskz_loadu_ps(rows, bias == nullptr ? c : bias), sum);
      }
      _mm512_mask_storeu_ps(c, rows, sum);
    }
  }

  static constexpr size_t kWidest = 4 * kLanes;

  const Gemm<float> p_;
  const size_t lda_;
  const size_t ldc_;
  const size_t rows_;
  const size_t cols_;
  const size_t depth_;
  const bool goes_on_;
  float* const held_;
};

// The rows of A in strips, A by columns: vectors of its numbers are multiplied with numbers of B's
// columns as they lie. A strip is copied first, as the lines of one column are far from the next.
void MultiplyStrips(const Gemm<float>& product) {
  constexpr size_t kTileCols = kSums / 3;
  thread_local Scratch<float> strip(kStrip * Size(kPanelDepth));
  const size_t lda = Size(product.lda);
  const size_t ldb = Size(product.ldb);
  const size_t ldc = Size(product.ldc);
  const size_t all_rows = Size(product.m);
  const size_t all_cols = Size(product.n);
  const size_t tiles = (all_cols + kTileCols - 1) / kTileCols;
  const int64_t parts = DepthParts(product, kPanelDepth);
  for (int64_t part = 0; part < parts; part++) {
    const Gemm<float> p = DepthPart(product, parts, part);
    const size_t depth = Size(p.k);
    const Update update{p.alpha, p.beta};
    for (size_t row = 0; row < all_rows; row += kStrip) {
      const size_t rows = std::min(kStrip, all_rows - row);
      PackPanel<kStrip>({p.a + row, 1, lda}, rows, depth, strip.data());
      Fetcher fetcher;
      if (row + kStrip < all_rows) {
        fetcher = Fetcher(p.a + row + kStrip, lda, depth, std::min(kStrip, all_rows - row - kStrip),
                          tiles * depth);
      } else if (part + 1 < parts) {
        fetcher = Fetcher(p.a + depth * lda, lda, depth, kStrip, tiles * depth);
      }
      for (size_t col = 0; col < all_cols; col += kTileCols) {
        const size_t first = std::min(col, all_cols - kTileCols);  // as with rows above
        const PlainColumns columns{p.b + first * ldb, ldb};
        float* c = p.c + first * ldc + row;
        if (rows == kStrip && first == col) {
          MultiplyTile<3, kTileCols>(strip.data(), columns, depth, update, c, ldc, fetcher);
        } else {
          MultiplyEdge<3, kTileCols>(strip.data(), columns, depth, update, c, ldc,
                                     {rows, col - first, kTileCols}, fetcher);
        }
      }
    }
  }
}

}  // namespace

bool IsStream(const Gemm<float>& p) {
  return !p.transposed_b && Size(p.n) <= kMostCols && Size(p.n) >= kLanes && Size(p.m) >= kStrip;
}

void MultiplyStream(const Gemm<float>& p) {
  if (p.transposed_a) {
    RowStream::Run(p);
  } else {
    StartLayer(p);
    MultiplyStrips(p);
    FinishLayer(p);
  }
}

}  // namespace lavis4j
#endif
