// The Java side of lavis4j/memory.h: the native method of io.lavis4j.tensor.KeptMemory.
#include <jni.h>

#include "lavis4j/memory.h"

extern "C" {

JNIEXPORT jint JNICALL Java_io_lavis4j_tensor_KeptMemory_keep(JNIEnv* /*env*/, jclass /*type*/) {
  return lavis4j_memory_keep();
}

}  // extern "C"
