// Random numbers of the device: the CPU's, from the state of the device's generator.
#ifndef LAVIS4J_FAKECUDA_NUMBERS_RANDOM_H_
#define LAVIS4J_FAKECUDA_NUMBERS_RANDOM_H_

#include <ATen/core/Generator.h>
#include <torch/library.h>

#include <optional>

namespace lavis4j::numbers {

// A CPU generator for one operator, made from the seed and the offset of a CUDA generator, the
// device's own if none is given. The offset grows as a kernel would make it grow, so a state that
// is saved and set again draws the same numbers again. They are not a GPU's numbers.
at::Generator host_generator(const std::optional<at::Generator>& generator, c10::Device device);

// Operators that draw and have no argument for a generator.
void register_random(torch::Library* cuda);

}  // namespace lavis4j::numbers

#endif  // LAVIS4J_FAKECUDA_NUMBERS_RANDOM_H_
