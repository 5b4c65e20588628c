// The loops of the kernels over what one instruction set can do, V:
//   V::Bytes      16 levels; Load, Store, and the halves of two of them interleaved, Low and High
//   V::Sum        8 sums of 32 bits; Start at a half, Add levels times a weight, Round to 8 levels
// Included by each build of the kernels; everything has internal linkage, so that no other part of
// the library is linked with code for a processor that is not there.
#ifndef LAVIS4J_SRC_KERNEL_LOOPS_H_
#define LAVIS4J_SRC_KERNEL_LOOPS_H_

#include "kernels.h"

namespace lavis4j {
namespace {

constexpr size_t kLanes = 8;
constexpr size_t kBlock = 16;

// Interleaves the first four blocks with the last four. Of the seven bits that say where a byte is,
// three for the block and four inside it, the first becomes the last and the others move up.
template <typename V>
inline void Interleave(typename V::Bytes (&blocks)[kBand]) {
  typename V::Bytes mixed[kBand];
  for (size_t i = 0; i < kBand / 2; i++) {
    mixed[2 * i] = V::Low(blocks[i], blocks[i + kBand / 2]);
    mixed[2 * i + 1] = V::High(blocks[i], blocks[i + kBand / 2]);
  }
  for (size_t i = 0; i < kBand; i++) {
    blocks[i] = mixed[i];
  }
}

// rows: kBand of (length), columns: (length, kBand)
template <typename V>
inline void Transpose(const uint8_t* const rows[kBand], size_t length, uint8_t* columns) {
  for (size_t j = 0; j < length; j += kBlock) {
    typename V::Bytes blocks[kBand];
    for (size_t r = 0; r < kBand; r++) {
      blocks[r] = V::Load(rows[r] + j);
    }
    for (int bit = 0; bit < 3; bit++) {
      Interleave<V>(blocks);
    }
    for (size_t r = 0; r < kBand; r++) {
      V::Store(blocks[r], columns + j * kBand + r * kBlock);
    }
  }
}

template <typename V>
inline void TransposeBack(const uint8_t* columns, size_t length, uint8_t* const rows[kBand]) {
  for (size_t j = 0; j < length; j += kBlock) {
    typename V::Bytes blocks[kBand];
    for (size_t r = 0; r < kBand; r++) {
      blocks[r] = V::Load(columns + j * kBand + r * kBlock);
    }
    for (int bit = 0; bit < 4; bit++) {
      Interleave<V>(blocks);
    }
    for (size_t r = 0; r < kBand; r++) {
      V::Store(blocks[r], rows[r] + j);
    }
  }
}

// The band is turned so that one level of all its rows fills the lanes.
template <typename V>
inline void Horizontal(const Band& band, const TapsView& taps) {
  Transpose<V>(band.in, band.in_length, band.columns);
  uint8_t* to = band.narrow;
  for (int32_t x = 0; x < taps.count; x++, to += 3 * kLanes) {
    const uint8_t* levels =
        band.columns + 3 * kLanes * static_cast<size_t>(taps.starts[x] - band.first);
    const int32_t* weights = taps.weights + static_cast<size_t>(x) * taps.stride;
    typename V::Sum red = V::Start();
    typename V::Sum green = V::Start();
    typename V::Sum blue = V::Start();
    for (int32_t k = 0; k < taps.lengths[x]; k++, levels += 3 * kLanes) {
      V::Add(levels, weights[k], red);
      V::Add(levels + kLanes, weights[k], green);
      V::Add(levels + 2 * kLanes, weights[k], blue);
    }
    V::Round(red, to);
    V::Round(green, to + kLanes);
    V::Round(blue, to + 2 * kLanes);
  }
  TransposeBack<V>(band.narrow, band.out_length, band.out);
}

template <typename V>
inline void Vertical(const uint8_t* const* rows, const int32_t* weights, int32_t count,
                     size_t length, uint8_t* out) {
  for (size_t j = 0; j < length; j += kPiece) {
    typename V::Sum a = V::Start();
    typename V::Sum b = V::Start();
    typename V::Sum c = V::Start();
    typename V::Sum d = V::Start();
    for (int32_t k = 0; k < count; k++) {
      const uint8_t* levels = rows[k] + j;
      V::Add(levels, weights[k], a);
      V::Add(levels + kLanes, weights[k], b);
      V::Add(levels + 2 * kLanes, weights[k], c);
      V::Add(levels + 3 * kLanes, weights[k], d);
    }
    V::Round(a, out + j);
    V::Round(b, out + j + kLanes);
    V::Round(c, out + j + 2 * kLanes);
    V::Round(d, out + j + 3 * kLanes);
  }
}

}  // namespace
}  // namespace lavis4j

#endif  // LAVIS4J_SRC_KERNEL_LOOPS_H_
