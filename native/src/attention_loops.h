// The loops of attention.h for an instruction set V, see attention_tiles.h.
//
// Weights of a block of queries are computed transposed, (M, block): each lane is a query, so
// maxima and sums of the softmax need no sums across lanes.
#ifndef LAVIS4J_SRC_ATTENTION_LOOPS_H_
#define LAVIS4J_SRC_ATTENTION_LOOPS_H_

#include <limits>

#include "attention.h"
#include "attention_tiles.h"

namespace lavis4j {

template <typename V>
class AttentionLoops {
 public:
  static constexpr AttentionKernel Kernel() { return {Scratch, Forward, Backward}; }

 private:
  using Tiles = AttentionTiles<V>;
  using Lanes = typename FloatVector<V::kLanes>::Type;
  using Words = typename IntVector<V::kLanes>::Type;

  static_assert(kQueryBlock % V::kLanes == 0, "a block is whole vectors");

  // Queries begin, ..., begin + count - 1, in rows of stride numbers.
  struct Block {
    size_t begin;
    size_t count;
    size_t stride;
  };

  static Block BlockOf(const lavis4j_attention& attention, size_t index) {
    const auto queries = static_cast<size_t>(attention.queries);
    const size_t begin = index * kQueryBlock;
    const size_t count = std::min(kQueryBlock, queries - begin);
    return {begin, count, (count + V::kLanes - 1) / V::kLanes * V::kLanes};
  }

  // Two matrices (M, block), and one (d, block).
  static size_t Scratch(const lavis4j_attention& attention) {
    return kQueryBlock * static_cast<size_t>(2 * attention.keys + attention.width);
  }

  static void Forward(const lavis4j_attention& attention, const AttentionHead& head, size_t index,
                      HeadRows<float> y, float* scratch) {
    const auto keys = static_cast<size_t>(attention.keys);
    const auto width = static_cast<size_t>(attention.width);
    const Block block = BlockOf(attention, index);
    float* weights = scratch;
    float* other = weights + keys * kQueryBlock;
    float* turned = other + keys * kQueryBlock;
    const auto q = head.q.From(block.begin);
    Tiles::Transpose(q.data, q.stride, block.count, width, turned, block.stride);
    Tiles::Multiply({head.k.data, head.k.stride, 1, turned, block.stride, keys, block.stride, width,
                     weights, block.stride, false});
    const float* added = Mask(attention, head, block, other);
    float parts[kQueryBlock];  // 1 / the sum of exponentials
    for (size_t lane = 0; lane < block.stride; lane += V::kLanes) {
      Store(1 / Exponentials(attention, added == nullptr ? nullptr : added + lane, block.stride,
                             weights + lane),
            parts + lane);
    }
    if (head.weights != nullptr) {
      float* kept = head.weights + block.begin * keys;
      Tiles::Transpose(kept, keys, block.count, keys, other, block.stride);
      Drop(keys, block, parts, weights, other, kept);
    }
    const auto to = y.From(block.begin);
    Tiles::Multiply({weights, 1, block.stride, head.v.data, head.v.stride, block.count, width, keys,
                     to.data, to.stride, false});
    if (head.weights == nullptr) {
      for (size_t row = 0; row < block.count; row++) {
        std::transform(to.row(row), to.row(row) + width, to.row(row),
                       [part = parts[row]](float value) { return value * part; });
      }
    }
  }

  // The mask as weights lie, or null.
  static const float* Mask(const lavis4j_attention& attention, const AttentionHead& head,
                           const Block& block, float* to) {
    if (head.mask == nullptr) {
      return nullptr;
    }
    const auto keys = static_cast<size_t>(attention.keys);
    const auto row = static_cast<size_t>(attention.mask.row);
    const auto column = static_cast<size_t>(attention.mask.column);
    const float* from = head.mask + block.begin * row;
    if (column == 1 && row != 0) {
      Tiles::Transpose(from, row, block.count, keys, to, block.stride);
      return to;
    }
    for (size_t key = 0; key < keys; key++) {
      float* line = to + key * block.stride;
      for (size_t query = 0; query < block.stride; query++) {
        line[query] = query < block.count ? from[query * row + key * column] : 0;
      }
    }
    return to;
  }

  // Of kLanes queries: from products to exponentials of scores, whose sums it returns.
  static Lanes Exponentials(const lavis4j_attention& attention, const float* added, size_t stride,
                            float* weights) {
    const size_t end = static_cast<size_t>(attention.keys) * stride;
    Lanes most = Lanes{} - std::numeric_limits<float>::infinity();
    for (size_t at = 0; at < end; at += stride) {
      Lanes score = Load(weights + at) * attention.scale;
      if (added != nullptr) {
        score += Load(added + at);
      }
      Store(score, weights + at);
      most = score > most ? score : most;
    }
    Lanes sum = {};
    for (size_t at = 0; at < end; at += stride) {
      const Lanes each = Exp(Load(weights + at) - most);
      Store(each, weights + at);
      sum += each;
    }
    return sum;
  }

  // e^x for x up to 0, NaN too, within 2 units in the last place; 0 where it is no normal number.
  static Lanes Exp(Lanes x) {
    constexpr float kLowest = -87.33654F;
    constexpr float kLog2E = 1.44269504F;
    constexpr float kLn2High = 0.693359375F;
    constexpr float kLn2Low = -2.12194440e-4F;
    const Lanes clamped = x < kLowest ? Lanes{} + kLowest : x;
    // Towards zero after a half is taken is to the nearest, as no x is above 0.
    const Words power = __builtin_convertvector(clamped * kLog2E - 0.5F, Words);
    const Lanes whole = __builtin_convertvector(power, Lanes);
    const Lanes rest = (clamped - whole * kLn2High) - whole * kLn2Low;  // -ln 2 / 2 to ln 2 / 2
    Lanes series = rest * 1.9875691500e-4F + 1.3981999507e-3F;
    series = series * rest + 8.3334519073e-3F;
    series = series * rest + 4.1665795894e-2F;
    series = series * rest + 1.6666665459e-1F;
    series = series * rest + 5.0000001201e-1F;
    series = series * (rest * rest) + rest + 1;
    const Words bits = (power + 127) << 23;
    const Lanes result = series * reinterpret_cast<Lanes>(bits);
    return x < kLowest ? Lanes{} : result;
  }

  // From exponentials to weights after dropout; stores those before it, marked, without gaps.
  static void Drop(size_t keys, const Block& block, const float* parts, float* weights,
                   float* factors, float* marked) {
    const Words sign = Words{} + std::numeric_limits<int32_t>::min();
    for (size_t lane = 0; lane < block.stride; lane += V::kLanes) {
      const Lanes part = Load(parts + lane);
      for (size_t at = lane; at < keys * block.stride; at += block.stride) {
        const Lanes weight = Load(weights + at) * part;
        const Lanes factor = Load(factors + at);
        const Words dropped = factor == 0;
        Store(weight * factor, weights + at);
        Store(reinterpret_cast<Lanes>(reinterpret_cast<Words>(weight) | (dropped & sign)),
              factors + at);
      }
    }
    for (size_t key = 0; key < keys; key++) {
      std::copy_n(factors + key * block.stride, block.count, marked + key * block.count);
    }
  }

  static void Backward(const lavis4j_attention& attention, const AttentionHead& head,
                       const AttentionGradients& gradients, float* scratch) {
    const auto keys = static_cast<size_t>(attention.keys);
    const auto width = static_cast<size_t>(attention.width);
    float* kept = scratch;
    float* scores = kept + keys * kQueryBlock;
    float* turned = scores + keys * kQueryBlock;
    for (size_t index = 0; index < QueryBlocks(static_cast<size_t>(attention.queries)); index++) {
      const Block block = BlockOf(attention, index);
      const auto y = gradients.y.From(block.begin);
      const auto q = head.q.From(block.begin);
      Tiles::Transpose(y.data, y.stride, block.count, width, turned, block.stride);
      Tiles::Multiply({head.v.data, head.v.stride, 1, turned, block.stride, keys, block.stride,
                       width, scores, block.stride, false});
      Widen(head.weights + block.begin * keys, keys, block, kept);
      for (size_t lane = 0; lane < block.stride; lane += V::kLanes) {
        ScoreGradients(attention, block.stride, kept + lane, scores + lane);
      }
      if (gradients.q.data != nullptr) {
        const auto to = gradients.q.From(block.begin);
        Tiles::Multiply({scores, 1, block.stride, head.k.data, head.k.stride, block.count, width,
                         keys, to.data, to.stride, false});
      }
      if (gradients.k.data != nullptr) {
        Tiles::Multiply({scores, block.stride, 1, q.data, q.stride, keys, width, block.count,
                         gradients.k.data, gradients.k.stride, index > 0});
      }
      if (gradients.v.data != nullptr) {
        Tiles::Multiply({kept, block.stride, 1, y.data, y.stride, keys, width, block.count,
                         gradients.v.data, gradients.v.stride, index > 0});
      }
    }
  }

  static void Widen(const float* marked, size_t keys, const Block& block, float* to) {
    for (size_t key = 0; key < keys; key++) {
      float* line = to + key * block.stride;
      std::copy_n(marked + key * block.count, block.count, line);
      std::fill(line + block.count, line + block.stride, 0.0F);
    }
  }

  // Of kLanes queries: from gradients of weights after dropout to those of scores, and from marked
  // weights to those after dropout.
  static void ScoreGradients(const lavis4j_attention& attention, size_t stride, float* weights,
                             float* gradients) {
    const size_t end = static_cast<size_t>(attention.keys) * stride;
    const Words positive = Words{} + std::numeric_limits<int32_t>::max();
    Lanes sum = {};
    for (size_t at = 0; at < end; at += stride) {
      sum += Kept(attention, Load(weights + at)) * Load(gradients + at);
    }
    for (size_t at = 0; at < end; at += stride) {
      const Lanes marked = Load(weights + at);
      const Lanes weight = reinterpret_cast<Lanes>(reinterpret_cast<Words>(marked) & positive);
      const Lanes kept = Kept(attention, marked);
      Store((kept * Load(gradients + at) - weight * sum) * attention.scale, gradients + at);
      Store(kept, weights + at);
    }
  }

  // A weight after dropout.
  static Lanes Kept(const lavis4j_attention& attention, Lanes marked) {
    const Words dropped = reinterpret_cast<Words>(marked) < 0;
    return reinterpret_cast<Lanes>(reinterpret_cast<Words>(marked * attention.kept) & ~dropped);
  }

  static Lanes Load(const float* from) {
    Lanes lanes;
    std::memcpy(&lanes, from, sizeof(lanes));
    return lanes;
  }

  static void Store(Lanes lanes, float* to) { std::memcpy(to, &lanes, sizeof(lanes)); }
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_ATTENTION_LOOPS_H_
