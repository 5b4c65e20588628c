// What the loops of lavis4j/attention.h are given, for each instruction set.
#ifndef LAVIS4J_SRC_ATTENTION_H_
#define LAVIS4J_SRC_ATTENTION_H_

#include <algorithm>
#include <cstddef>

#include "lavis4j/attention.h"

namespace lavis4j {

// Queries of a head are taken in blocks of so many, at most.
constexpr size_t kQueryBlock = 32;

inline size_t QueryBlocks(size_t queries) { return (queries + kQueryBlock - 1) / kQueryBlock; }

// Rows that stand stride numbers apart.
template <typename T>
struct HeadRows {
  T* data;
  size_t stride;

  T* row(size_t index) const { return data + index * stride; }

  HeadRows From(size_t index) const { return {row(index), stride}; }
};

// A head of a batch.
struct AttentionHead {
  HeadRows<const float> q;  // (N, d)
  HeadRows<const float> k;  // (M, d)
  HeadRows<const float> v;
  const float* mask;  // of the first query and key; null for none
  float* weights;     // N M numbers, null without dropout
};

struct AttentionGradients {
  HeadRows<const float> y;
  HeadRows<float> q;  // null: left out
  HeadRows<float> k;
  HeadRows<float> v;
};

// The loops for one instruction set. Scratch is floats in memory of whole cache lines.
struct AttentionKernel {
  size_t (*scratch)(const lavis4j_attention& attention);
  void (*forward)(const lavis4j_attention& attention, const AttentionHead& head, size_t block,
                  HeadRows<float> y, float* scratch);
  void (*backward)(const lavis4j_attention& attention, const AttentionHead& head,
                   const AttentionGradients& gradients, float* scratch);
};

extern const AttentionKernel kPlainAttention;
#if defined(__x86_64__)
extern const AttentionKernel kAvx2Attention;    // needs FMA, too
extern const AttentionKernel kAvx512Attention;  // needs AVX-512 F
#endif

struct AttentionGradientHeads {
  lavis4j_heads y;
  lavis4j_heads q;
  lavis4j_heads k;
  lavis4j_heads v;
};

// The functions of lavis4j/attention.h by a kernel.
void AttendForward(const AttentionKernel& kernel, const lavis4j_attention& a,
                   const lavis4j_heads& y);
void AttendBackward(const AttentionKernel& kernel, const lavis4j_attention& a,
                    const AttentionGradientHeads& gradients);

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_ATTENTION_H_
