// What a loaded library calls.
#ifndef LAVIS4J_LINKAGE_H_
#define LAVIS4J_LINKAGE_H_

namespace lavis4j {

// Has a library that is in the process call another function from now on: the entries of its tables
// that the dynamic linker fills with the function's address get that of the other.
//
// library: the name of its file, without folders. Returns whether there was an entry, and all of them
// could be written.
bool Redirect(const char* library, const char* function, void* other);

// Whether a function that libraries find by this name is the C library's own.
bool IsOfC(const char* function);

}  // namespace lavis4j

#endif  // LAVIS4J_LINKAGE_H_
