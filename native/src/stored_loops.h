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
    return {PackedBytes<W>, Pack<W>, Run<W>};
  }

 private:
  using Lanes = typename V::Lanes;

  static constexpr size_t kStreams = 4;
  // Bytes, in each stream; into the second cache, which was faster than into the first.
  static constexpr size_t kFetchedAhead = 2048;
  static constexpr size_t kCacheLine = 64;  // bytes
  // So many numbers of weights, and of a tile of x, stay in the first cache.
  static constexpr size_t kTile = 64 * kStoredLine;

  // Numbers that are widened at once. Of pairs, V takes the first of each and then the second, an
  // instruction for each vector once the pairs are in a register.
  template <typename W>
  static constexpr size_t kUnit =
      V::template kPairs<W> ? std::max(2 * V::kLanes, kStoredLine) : kStoredLine;

  template <typename W>
  static Lanes Widened(const W* unit, size_t part) {
    if constexpr (V::template kPairs<W>) {
      return V::LoadOfPairs(unit + part / 2 * 2 * V::kLanes, part % 2);
    } else {
      return V::Load(unit + part * V::kLanes);
    }
  }

  template <typename W>
  static size_t Padded(size_t numbers) {
    return (numbers + kUnit<W> - 1) / kUnit<W> * kUnit<W>;
  }

  template <typename W>
  static size_t PackedBytes(const lavis4j_stored_product& product) {
    return static_cast<size_t>(product.rows) * Padded<W>(static_cast<size_t>(product.depth)) *
           sizeof(float);
  }

  // Copies x: tiles of at most kTileRows rows, as equal as can be, one after the other; in a tile
  // the first kStoredLine numbers of all its rows, then the next, and so on, in the order in which
  // a unit's are widened. Zeros fill the last unit of a row.
  template <typename W>
  static void Pack(const lavis4j_stored_product& product, float* packed) {
    const auto rows = static_cast<size_t>(product.rows);
    const auto depth = static_cast<size_t>(product.depth);
    const size_t tiles = (rows + V::kTileRows - 1) / V::kTileRows;
    for (size_t tile = 0; tile < tiles; tile++) {
      const size_t begin = rows * tile / tiles;
      const size_t count = rows * (tile + 1) / tiles - begin;
      for (size_t k = 0; k < depth; k += kUnit<W>) {
        for (size_t row = 0; row < count; row++) {
          const float* unit = product.x + (begin + row) * depth + k;
          float last[kUnit<W>] = {};
          if (depth - k < kUnit<W>) {
            std::copy_n(unit, depth - k, last);
            unit = last;
          }
          PackUnit<W>(unit, packed + row * kStoredLine, count * kStoredLine);
        }
        packed += count * kUnit<W>;
      }
    }
  }

  // Its lines come stride apart.
  template <typename W>
  static void PackUnit(const float* unit, float* to, size_t stride) {
    if constexpr (V::template kPairs<W>) {
      for (size_t at = 0; at < kUnit<W>; at += 2 * V::kLanes) {
        V::Separate(unit + at, to + Place(at, stride), to + Place(at + V::kLanes, stride));
      }
    } else {
      std::copy_n(unit, kStoredLine, to);
    }
  }

  // Of a unit's number at in lines that come stride apart.
  static size_t Place(size_t at, size_t stride) {
    return at / kStoredLine * stride + at % kStoredLine;
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
      float sums[LAVIS4J_STORED_MOST_ROWS][kCount];
      std::fill_n(sums[0], rows * kCount, 0.0F);
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
          const float* x = part.packed + begin * Padded<W>(depth) + k * count;
          Choose<V::kTileRows>(widened[0], kTile, Padded<W>(numbers), x, count, sums + begin);
        }
      }
      for (size_t r = 0; r < rows; r++) {
        Finish(sums[r], part.product.y + r * static_cast<size_t>(part.product.outputs));
      }
    }

    static void Widen(const W* w, size_t numbers, float* to) {
      for (size_t k = 0; k < numbers; k += kUnit<W>) {
        const W* unit = w + k;
        W last[kUnit<W>] = {};
        if (numbers - k < kUnit<W>) {
          std::copy_n(unit, numbers - k, last);
          unit = last;
        }
        for (size_t p = 0; p < kUnit<W> / V::kLanes; p++) {
          V::Store(Widened(unit, p), to + k + p * V::kLanes);
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
        for (size_t unit = k; unit < k + kStep; unit += kUnit<T>) {
          Add<kRows>(w + unit, stride, x + unit * kRows, lanes);
        }
      }
      for (; k + kUnit<T> <= numbers; k += kUnit<T>) {
        Add<kRows>(w + k, stride, x + k * kRows, lanes);
      }
      if (k < numbers) {
        T last[kCount][kUnit<T>] = {};
        for (size_t j = 0; j < kCount; j++) {
          std::copy_n(w + k + j * stride, numbers - k, last[j]);
        }
        Add<kRows>(last[0], kUnit<T>, x + k * kRows, lanes);
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

    // A unit of each weight with one of each row.
    template <size_t kRows, typename T>
    static void Add(const T* w, size_t stride, const float* x, Lanes (&lanes)[kRows][kCount]) {
      for (size_t p = 0; p < kUnit<T> / V::kLanes; p++) {
        const float* line = x + Place(p * V::kLanes, kRows * kStoredLine);
        Lanes weights[kCount];
        for (size_t j = 0; j < kCount; j++) {
          weights[j] = Widened(w + j * stride, p);
        }
        for (size_t r = 0; r < kRows; r++) {
          const Lanes row = V::Load(line + r * kStoredLine);
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
