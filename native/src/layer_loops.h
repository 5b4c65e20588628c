// The loops of layer.h for the vectors V of an instruction set.
#ifndef LAVIS4J_SRC_LAYER_LOOPS_H_
#define LAVIS4J_SRC_LAYER_LOOPS_H_

#include "layer.h"

namespace lavis4j {

template <typename V>
class LayerLoops {
 public:
  static constexpr LayerKernel Kernel() { return {Start, Finish}; }

 private:
  using Lanes = typename V::Lanes;

  static void Start(const Gemm<float>& block) {
    const float* bias = block.layer.bias;
    ForVectors(block, [bias](float* c, int row, int /*col*/, auto lanes) {
      lanes.Store(c, lanes.Load(bias + row));
    });
  }

  static void Finish(const Gemm<float>& block) {
    switch (block.layer.activation) {
      case Activation::kNone:
        return Finish(block, [](Lanes x) { return x; });
      case Activation::kRelu:
        return Finish(block, [](Lanes x) { return V::Max(V::Set(0), x); });
      case Activation::kGelu: {
        const typename V::Table table(Gelu());
        return Finish(block, [&table](Lanes x) { return GeluOf(table, x); });
      }
      case Activation::kQuickGelu:
        return Finish(block, QuickGeluOf);
    }
  }

  template <typename Function>
  static void Finish(const Gemm<float>& block, const Function& function) {
    const float* residual = block.layer.residual;
    const int ldr = block.layer.ldr;
    if (residual == nullptr) {
      ForVectors(block, [&](float* c, int /*row*/, int /*col*/, auto lanes) {
        lanes.Store(c, function(lanes.Load(c)));
      });
    } else {
      ForVectors(block, [&](float* c, int row, int col, auto lanes) {
        const Lanes added = lanes.Load(Advance(residual, col, ldr) + row);
        lanes.Store(c, V::Add(function(lanes.Load(c)), added));
      });
    }
  }

  // A float so large that its last digits are whole numbers, which are added to it.
  static constexpr float kWhole = 12582912;

  // NaN stays NaN: Max and Min give their second operand where one is NaN.
  static Lanes GeluOf(const typename V::Table& table, Lanes x) {
    constexpr float kLast = static_cast<float>(kGeluSteps - 1) * kGeluStep;
    const Lanes a = V::Min(V::Abs(x), V::Set(kLast));
    // The number of the step, in the lowest four digits.
    const Lanes step = V::MultiplyAdd(a, V::Set(1 / kGeluStep), V::Set(kWhole));
    const Lanes whole = V::Subtract(step, V::Set(kWhole));
    const Lanes rest = V::SubtractProduct(a, whole, V::Set(kGeluStep));
    Lanes phi = table.Term(kGeluTerms - 1, step);
    for (size_t n = kGeluTerms - 1; n-- > 0;) {
      phi = V::MultiplyAdd(phi, rest, table.Term(n, step));
    }
    return V::SubtractProduct(V::Max(V::Set(0), x), a, phi);
  }

  // x / (1 + exp(-1.702 x)), for all x below -51 as for that.
  static Lanes QuickGeluOf(Lanes x) {
    const Lanes numerator = V::Max(V::Set(-51), x);
    const Lanes z = V::MultiplyAdd(numerator, V::Set(-1.702F), V::Set(0));
    return V::Divide(numerator, V::Add(V::Set(1), Exp(V::Max(z, V::Set(-87)))));
  }

  // exp(x) = 2^n exp(r) with r = x - n log(2), for -87 <= x <= 87.
  static Lanes Exp(Lanes x) {
    constexpr float kLog2 = 0.693359375F;  // of few digits: whole numbers of it are exact
    constexpr float kLog2Rest = -2.12194440e-4F;
    const Lanes n = V::MultiplyAdd(x, V::Set(1.44269504F), V::Set(kWhole));
    const Lanes whole = V::Subtract(n, V::Set(kWhole));
    const Lanes r = V::SubtractProduct(V::SubtractProduct(x, whole, V::Set(kLog2)), whole,
                                       V::Set(kLog2Rest));
    Lanes sum = V::Set(1.0F / 5040);
    for (const float term : {1.0F / 720, 1.0F / 120, 1.0F / 24, 1.0F / 6, 1.0F / 2, 1.0F, 1.0F}) {
      sum = V::MultiplyAdd(sum, r, V::Set(term));
    }
    return V::Scale(sum, n);
  }

  // All lanes of a vector.
  struct All {
    Lanes Load(const float* from) const { return V::Load(from); }
    void Store(float* to, Lanes lanes) const { V::Store(to, lanes); }
  };

  // The first of them.
  struct First {
    int count;
    Lanes Load(const float* from) const { return V::LoadFirst(from, count); }
    void Store(float* to, Lanes lanes) const { V::StoreFirst(to, count, lanes); }
  };

  // Calls body(where it is in C, row, column, lanes) for every vector of the block.
  template <typename Body>
  static void ForVectors(const Gemm<float>& block, const Body& body) {
    constexpr auto kLanes = static_cast<int>(V::kLanes);
    for (int col = 0; col < block.n; col++) {
      float* c = Advance(block.c, col, block.ldc);
      int row = 0;
      for (; block.m - row >= kLanes; row += kLanes) {
        body(c + row, row, col, All{});
      }
      if (row < block.m) {
        body(c + row, row, col, First{block.m - row});
      }
    }
  }
};

}  // namespace lavis4j

#endif  // LAVIS4J_SRC_LAYER_LOOPS_H_
