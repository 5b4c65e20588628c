// A machine for plain_cuda.
#ifndef LAVIS4J_PLAIN_CUDA_H_
#define LAVIS4J_PLAIN_CUDA_H_

struct PlainCuda {
  int driver = 13000;
  int error = 0;
  int devices = 1;
  int last_error = 0;
  const char* message = "no error";
};

#endif  // LAVIS4J_PLAIN_CUDA_H_
