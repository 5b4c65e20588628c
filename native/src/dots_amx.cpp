// Compiled for AVX-512 F and AMX: nothing here may run on processors without them.
#include "dots.h"

#if defined(__x86_64__)
#include <algorithm>
#include <atomic>

#include "amx.h"

namespace lavis4j {
namespace {

constexpr size_t kTile = kTileRows * sizeof(TileRow);
constexpr size_t kBlocks = 2;                    // tiles of weights at a time
constexpr size_t kWeights = kBlocks * kTileRows;
constexpr size_t kGroups = 2;                    // tiles of rows at a time
constexpr size_t kPassRows = kGroups * kTileRows;

// Steps that weights are fetched ahead of their use, from this block of weights or the next.
constexpr size_t kAhead = 4;

// Pieces of a step: products of one part of the weights and one part of the rows.
constexpr size_t kPieces = 6;

size_t Steps(size_t depth) { return (depth + kStep - 1) / kStep; }

// Numbers first, ..., first + 31 of a row, those after its end as zeros, as pairs (p, 16 + p).
void SplitStep(const float* row, size_t first, size_t depth, Bits (&pairs)[kParts]) {
  const size_t left = depth - first;
  __m512 low = _mm512_maskz_loadu_ps(First(left), row + first);
  __m512 high =
      _mm512_maskz_loadu_ps(First(left > kLanes ? left - kLanes : 0), row + first + kLanes);
  Split(low, high, pairs);
}

// Groups of 16 rows, the last perhaps of fewer, one after the other. A group has steps, each of them
// parts, each of them a tile as wide as the group: 16 lines of a pair of numbers of each row.
size_t PackedBytes(const Rows& x) {
  return Steps(x.depth) * kParts * kTileRows * x.count * sizeof(uint32_t);
}

void Pack(const Rows& x, size_t part, size_t parts, void* packed) {
  const size_t steps = Steps(x.depth);
  for (size_t group = 0; group < x.count; group += kTileRows) {
    const size_t rows = std::min(kTileRows, x.count - group);
    for (size_t step = steps * part / parts; step < steps * (part + 1) / parts; step++) {
      Bits tiles[kParts][kTileRows] = {};
      for (size_t row = 0; row < rows; row++) {
        Bits pairs[kParts];
        SplitStep(x.data + (group + row) * x.stride, step * kStep, x.depth, pairs);
        for (size_t i = 0; i < kParts; i++) {
          tiles[i][row] = pairs[i];
        }
      }
      auto* to = static_cast<uint32_t*>(packed) + (group * steps + step * rows) * kParts * kTileRows;
      for (auto& tile : tiles) {
        Transpose(tile);
        for (size_t line = 0; line < kTileRows; line++, to += rows) {
          _mm512_mask_storeu_epi32(to, First(rows), __m512i(tile[line]));
        }
      }
    }
  }
}

unsigned NotFinite(Bits numbers) {
  return _mm512_cmpge_epu32_mask(__m512i(numbers & 0x7FFFFFFF), __m512i(Bits{} + 0x7F800000));
}

float Dot(const float* a, const float* b, size_t depth) {
  __m512 sums = _mm512_setzero_ps();
  for (size_t k = 0; k < depth; k += kLanes) {
    const __mmask16 there = First(depth - k);
    sums = _mm512_fmadd_ps(_mm512_maskz_loadu_ps(there, a + k), _mm512_maskz_loadu_ps(there, b + k),
                           sums);
  }
  float sum = 0;
  for (size_t lane = 0; lane < kLanes; lane++) {
    sum += sums[lane];
  }
  return sum;
}

// What a thread multiplies from and sums up in.
struct Buffers {
  TileRow weights[2][kBlocks][kParts][kTileRows];  // of this step and of the next
  Bits sums[kBlocks][kGroups][kTileRows];          // a row of weights after another
};

// Weights first, ..., first + 31 with rows begin, ..., begin + 31, of both as many as there are. While
// tiles of one step are multiplied, the weights of the next are split.
class Pass {
 public:
  Pass(const Dots& dots, size_t first, size_t begin, Buffers& buffers)
      : dots_(dots),
        first_(first),
        begin_(begin),
        weights_(std::min(kWeights, dots.outputs - first)),
        rows_{std::min(kTileRows, dots.x.count - begin),
              std::min(kTileRows, dots.x.count - std::min(begin + kTileRows, dots.x.count))},
        steps_(Steps(dots.x.depth)),
        buffers_(buffers) {}

  void Run() const {
    Configure();
    if (rows_[1] > 0) {
      Sum<2>();
    } else {
      Sum<1>();
    }
    _tile_stored(0, buffers_.sums[0][0], sizeof(TileRow));
    _tile_stored(1, buffers_.sums[0][1], sizeof(TileRow));
    _tile_stored(2, buffers_.sums[1][0], sizeof(TileRow));
    _tile_stored(3, buffers_.sums[1][1], sizeof(TileRow));
    for (size_t block = 0; block < kBlocks && block * kTileRows < weights_; block++) {
      for (size_t group = 0; group < kGroups; group++) {
        Store(block, group);
      }
    }
  }

 private:
  // Tiles 0 to 3 are sums[block][group], 4 and 5 weights of a block, 6 and 7 rows of a group.
  void Configure() const {
    TileConfig config;
    for (size_t group = 0; group < kGroups; group++) {
      const auto bytes = static_cast<uint16_t>(std::max<size_t>(rows_[group], 1) * sizeof(uint32_t));
      config.row_bytes[group] = bytes;
      config.row_bytes[kGroups + group] = bytes;
      config.row_bytes[6 + group] = bytes;
    }
    _tile_loadconfig(&config);
  }

  template <size_t kUsed>
  void Sum() const {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
    SplitWeights(0, 0, kWeights);
    for (size_t step = 0; step < steps_; step++) {  // the smallest products first
      LoadWeights(step, 2);
      LoadRows<kUsed>(step, 0);
      Multiply<kUsed>(step, 0);
      LoadWeights(step, 1);
      Multiply<kUsed>(step, 1);
      LoadRows<kUsed>(step, 1);
      Multiply<kUsed>(step, 2);
      LoadWeights(step, 0);
      Multiply<kUsed>(step, 3);
      LoadRows<kUsed>(step, 2);
      Multiply<kUsed>(step, 4);
      LoadRows<kUsed>(step, 0);
      Multiply<kUsed>(step, 5);
    }
  }

  void LoadWeights(size_t step, size_t part) const {
    // The compiler does not know that the tile reads what SplitWeights has written.
    std::atomic_signal_fence(std::memory_order_seq_cst);
    const auto& blocks = buffers_.weights[step % 2];
    _tile_loadd(4, blocks[0][part], sizeof(TileRow));
    _tile_loadd(5, blocks[1][part], sizeof(TileRow));
  }

  template <size_t kUsed>
  void LoadRows(size_t step, size_t part) const {
    _tile_loadd(6, RowTile(0, step, part), rows_[0] * sizeof(uint32_t));
    if constexpr (kUsed == 2) {
      _tile_loadd(7, RowTile(1, step, part), rows_[1] * sizeof(uint32_t));
    }
  }

  const uint32_t* RowTile(size_t group, size_t step, size_t part) const {
    const size_t before = begin_ + group * kTileRows;
    return static_cast<const uint32_t*>(dots_.packed) +
           (before * steps_ * kParts + (step * kParts + part) * rows_[group]) * kTileRows;
  }

  // A piece of a step, and as much of splitting the weights of the next.
  template <size_t kUsed>
  void Multiply(size_t step, size_t piece) const {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(2, 5, 6);
    if constexpr (kUsed == 2) {
      _tile_dpbf16ps(1, 4, 7);
      _tile_dpbf16ps(3, 5, 7);
    }
    if (step + 1 < steps_) {
      SplitWeights(step + 1, kWeights * piece / kPieces, kWeights * (piece + 1) / kPieces);
    }
  }

  void SplitWeights(size_t step, size_t from, size_t to) const {
    const size_t stride = dots_.weights_stride;
    const size_t ahead = step + kAhead < steps_ ? step + kAhead
                                                : kWeights * stride / kStep + step + kAhead - steps_;
    auto& blocks = buffers_.weights[step % 2];
    for (size_t i = from; i < to; i++) {
      const float* row = dots_.weights + (first_ + std::min(i, weights_ - 1)) * stride;
      _mm_prefetch(row + ahead * kStep, _MM_HINT_T1);
      _mm_prefetch(row + ahead * kStep + kLanes, _MM_HINT_T1);
      Bits pairs[kParts];
      SplitStep(row, step * kStep, dots_.x.depth, pairs);
      for (size_t part = 0; part < kParts; part++) {
        _mm512_store_si512(&blocks[i / kTileRows][part][i % kTileRows], __m512i(pairs[part]));
      }
    }
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }

  // Sums that are no number may come of a number that bfloat16 has not, and are computed again.
  void Store(size_t block, size_t group) const {
    Bits(&sums)[kTileRows] = buffers_.sums[block][group];
    Transpose(sums);
    const size_t output = first_ + block * kTileRows;
    const __mmask16 there = First(dots_.outputs - output);
    for (size_t i = 0; i < rows_[group]; i++) {
      const size_t row = begin_ + group * kTileRows + i;
      auto sum = __m512(sums[i]);
      for (unsigned left = NotFinite(sums[i]) & there; left != 0; left &= left - 1) {
        const int lane = __builtin_ctz(left);
        sum[lane] = Dot(dots_.weights + (output + static_cast<size_t>(lane)) * dots_.weights_stride,
                        dots_.x.data + row * dots_.x.stride, dots_.x.depth);
      }
      float* y = dots_.y + row * dots_.y_stride + output;
      __m512 result = _mm512_mul_ps(_mm512_set1_ps(dots_.alpha), sum);
      if (dots_.beta != 0) {
        result = _mm512_fmadd_ps(_mm512_set1_ps(dots_.beta), _mm512_maskz_loadu_ps(there, y), result);
      }
      _mm512_mask_storeu_ps(y, there, result);
    }
  }

  const Dots& dots_;
  const size_t first_;
  const size_t begin_;
  const size_t weights_;
  const size_t rows_[kGroups];
  const size_t steps_;
  Buffers& buffers_;
};

void Run(const Dots& dots) {
  Buffers buffers = {};
  for (size_t first = 0; first < dots.outputs; first += kWeights) {
    for (size_t begin = 0; begin < dots.x.count; begin += kPassRows) {
      Pass(dots, first, begin, buffers).Run();
    }
  }
  _tile_release();
}

}  // namespace

const DotsKernel kAmxDots{PackedBytes, Pack, Run};

}  // namespace lavis4j
#endif
