// The Java side of lavis4j/memory.h: the native methods of io.lavis4j.tensor.KeptMemory and
// io.lavis4j.tensor.MappedPages. Java knows the memory of tensors by addresses.
#include <jni.h>

#include "lavis4j/memory.h"

extern "C" {

JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_KeptMemory_keep(JNIEnv* /*env*/, jclass /*type*/) {
  return lavis4j_memory_keep();
}

JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_KeptMemory_packTensors(JNIEnv* /*env*/,
                                                                     jclass /*type*/) {
  return lavis4j_memory_pack("libc10.so");
}

JNIEXPORT jlong JNICALL Java_io_lavis4j_tensor_MappedPages_giveBack(JNIEnv* /*env*/,
                                                                    jclass /*type*/, jlong begin,
                                                                    jlong bytes) {
  return lavis4j_memory_give_back(reinterpret_cast<const void*>(begin), bytes);
}

}  // extern "C"
