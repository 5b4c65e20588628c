// The softmax that reads fp16 and writes fp32 in one kernel, which only CUDA has.
#ifndef LAVIS4J_FAKECUDA_NUMBERS_SOFTMAX_H_
#define LAVIS4J_FAKECUDA_NUMBERS_SOFTMAX_H_

#include <torch/library.h>

namespace lavis4j::numbers {

void register_softmax(torch::Library* cuda);

}  // namespace lavis4j::numbers

#endif  // LAVIS4J_FAKECUDA_NUMBERS_SOFTMAX_H_
