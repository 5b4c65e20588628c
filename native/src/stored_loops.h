// The loops of stored.h for the vectors V of an instruction set.
#ifndef LAVIS4J_SRC_STORED_LOOPS_H_
#define LAVIS4J_SRC_STORED_LOOPS_H_

#include <algorithm>

#include "stored.h"

namespace lavis4j {

template <typename V>
class StoredLoops {
 public:
  template <typename W>
  static constexpr StoredKernel<W> Kernel() {
    return {PackedBytes, Pack, Run<W>};
  }

 private:
  using Lanes = typename V::Lanes;

  static constexpr size_t kStreams = 4;
  // Bytes, in each stream; into the second cache, which was faster than into the first.
  static constexpr size_t kFetchedAhead = 2048;
  static constexpr size_t kCacheLine = 64;  // bytes
  // So many numbers of weights, and of a tile of x, stay in the first cache.
  static constexpr size_t kTile = 64 * kStoredLine;

  static size_t PackedBytes(const lavis4j_stored_product& product) {
    return static_cast<size_t>(product.rows) * StoredLines(static_cast<size_t>(product.depth)) *
           kStoredLine * sizeof(float);
  }

  // Copies x: tiles of at most kTileRows rows, as equal as can be, one after the other; in a tile
  // the first kStoredLine numbers of all its rows, then the next, and so on. Zeros fill the last
  // line of a row.
  static void Pack(const lavis4j_stored_product& product, float* packed) {
    const auto rows = static_cast<size_t>(product.rows);
    const auto depth = static_cast<size_t>(product.depth);
    const size_t tiles = (rows + V::kTileRows - 1) / V::kTileRows;
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t end = rows * (tile + 1) / tiles;
      for (size_t k = 0; k < depth; k += kStoredLine) {
        const size_t count = std::min(kStoredLine, depth - k);
        for (size_t row = rows * tile / tiles; row < end; row++) {
          std::copy_n(product.x + row * depth + k, count, packed);
          std::fill(packed + count, packed + kStoredLine, 0.0F);
          packed += kStoredLine;
        }
      }
    }
  }

  // Weights are read as kStreams streams, each from the first to the last weight of its share of
  // the outputs: a processor fetches ahead what is read straight on. Of neighbouring rows side by
  // side each would end where the next began.
  template <typename W>
  static void Run(const W* weights, const StoredPart& part) {
    const size_t share = part.count / kStreams;
    for (size_t i = 0; i < share; i++) {
      Outputs<kStreams, W>{part, part.first + i, share}.Compute(weights);
    }
    for (size_t i = part.first + kStreams * share; i < part.first + part.count; i++) {
      Outputs<1, W>{part, i, 0}.Compute(weights);
    }
  }

  // Outputs i, i + step, ..., kCount of them.
  template <size_t kCount, typename W>
  struct Outputs {
    const StoredPart& part;
    size_t i;
    size_t step;

    void Compute(const W* weights) const {
      const auto rows = static_cast<size_t>(part.product.rows);
      const auto depth = static_cast<size_t>(part.product.depth);
      const size_t passes = (rows + V::kTileRows - 1) / V::kTileRows;
      float sums[LAVIS4J_STORED_MOST_ROWS][kCount] = {};
      for (size_t k = 0; k < depth; k += kTile) {
        const size_t numbers = std::min(kTile, depth - k);
        const W* w = weights + i * depth + k;
        if (passes == 1) {
          Choose<V::kTileRows>(w, step * depth, numbers, part.packed + k * rows, rows, sums);
          continue;
        }
        float widened[kCount][kTile];
        for (size_t j = 0; j < kCount; j++) {
          Widen(w + j * step * depth, numbers, widened[j]);
        }
        for (size_t pass = 0; pass < passes; pass++) {
          const size_t begin = rows * pass / passes;
          const size_t count = rows * (pass + 1) / passes - begin;
          const float* x = part.packed + begin * StoredLines(depth) * kStoredLine + k * count;
          Choose<V::kTileRows>(widened[0], kTile, numbers, x, count, sums + begin);
        }
      }
      for (size_t r = 0; r < rows; r++) {
        Finish(sums[r], part.product.y + r * static_cast<size_t>(part.product.outputs));
      }
    }

    static void Widen(const W* w, size_t numbers, float* to) {
      for (size_t k = 0; k < numbers; k += kStoredLine) {
        const W* line = w + k;
        W last[kStoredLine] = {};
        if (numbers - k < kStoredLine) {
          std::copy_n(line, numbers - k, last);
          line = last;
        }
        for (size_t half = 0; half < kStoredLine; half += V::kLanes) {
          V::Store(V::Load(line + half), to + k + half);
        }
      }
    }

    template <size_t kMost, typename T>
    static void Choose(const T* w, size_t stride, size_t numbers, const float* x, size_t rows,
                       float (*sums)[kCount]) {
      if constexpr (kMost > 1) {
        if (rows < kMost) {
          Choose<kMost - 1>(w, stride, numbers, x, rows, sums);
          return;
        }
      }
      Multiply<kMost>(w, stride, numbers, x, sums);
    }

    // Adds to sums the products of numbers of kCount weights, stride apart, and of kRows rows of x.
    template <size_t kRows, typename T>
    static void Multiply(const T* w, size_t stride, size_t numbers, const float* x,
                         float (*sums)[kCount]) {
      constexpr size_t kStep = kCacheLine / sizeof(T);
      Lanes lanes[kRows][kCount] = {};
      size_t k = 0;
      for (; k + kStep <= numbers; k += kStep) {
        if constexpr (kStep > kStoredLine) {  // stored, in memory
          for (size_t j = 0; j < kCount; j++) {
            V::Prefetch(reinterpret_cast<const char*>(w + k + j * stride) + kFetchedAhead);
          }
        }
        for (size_t line = k; line < k + kStep; line += kStoredLine) {
          Add<kRows>(w + line, stride, x + line * kRows, lanes);
        }
      }
      for (; k + kStoredLine <= numbers; k += kStoredLine) {
        Add<kRows>(w + k, stride, x + k * kRows, lanes);
      }
      if (k < numbers) {
        T last[kCount][kStoredLine] = {};
        for (size_t j = 0; j < kCount; j++) {
          std::copy_n(w + k + j * stride, numbers - k, last[j]);
        }
        Add<kRows>(last[0], kStoredLine, x + k * kRows, lanes);
      }
      for (size_t r = 0; r < kRows; r++) {
        float four[4];
        if constexpr (kCount == 4) {
          V::Sum4(lanes[r][0], lanes[r][1], lanes[r][2], lanes[r][3], four);
        } else {
          V::Sum4(lanes[r][0], Lanes{}, Lanes{}, Lanes{}, four);
        }
        for (size_t j = 0; j < kCount; j++) {
          sums[r][j] += four[j];
        }
      }
    }

    // A line of each weight with one of each row.
    template <size_t kRows, typename T>
    static void Add(const T* w, size_t stride, const float* x, Lanes (&lanes)[kRows][kCount]) {
      for (size_t half = 0; half < kStoredLine; half += V::kLanes) {
        Lanes weights[kCount];
        for (size_t j = 0; j < kCount; j++) {
          weights[j] = V::Load(w + j * stride + half);
        }
        for (size_t r = 0; r < kRows; r++) {
          const Lanes row = V::Load(x + r * kStoredLine + half);
          for (size_t j = 0; j < kCount; j++) {
            lanes[r][j] = V::MultiplyAdd(weights[j], row, lanes[r][j]);
          }
        }
      }
    }

    void Finish(const float (&sums)[kCount], float* y) const {
      for (size_t j = 0; j < kCount; j++) {
        StoredFinish(part.product, i + j * step, sums[j], y);
      }
    }
  };
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_STORED_LOOPS_H_
