#include "linkage.h"

#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace lavis4j {
namespace {

#if defined(__x86_64__)
constexpr unsigned long kTypes[] = {R_X86_64_JUMP_SLOT, R_X86_64_GLOB_DAT};
#elif defined(__aarch64__)
constexpr unsigned long kTypes[] = {R_AARCH64_JUMP_SLOT, R_AARCH64_GLOB_DAT};
#else
constexpr unsigned long kTypes[] = {~0UL};
#endif

bool HoldsAddress(unsigned long type) {
  for (const unsigned long each : kTypes) {
    if (type == each) {
      return true;
    }
  }
  return false;
}

struct Request {
  const char* library;
  const char* function;
  void* other;
  int written;
  bool failed;
};

// The parts of a library that the dynamic linker reads.
struct Library {
  uintptr_t base;
  const ElfW(Sym) * symbols;
  const char* names;
  uintptr_t fixed_from;  // entries that may not be written
  uintptr_t fixed_to;
};

uintptr_t PageOf(uintptr_t address) {
  return address & ~(static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)) - 1);
}

bool Write(const Library& library, uintptr_t entry, void* value) {
  void* page = reinterpret_cast<void*>(PageOf(entry));
  const auto size = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const bool is_fixed = library.fixed_from <= entry && entry < PageOf(library.fixed_to);
  if (is_fixed && mprotect(page, size, PROT_READ | PROT_WRITE) != 0) {
    return false;
  }
  __atomic_store_n(reinterpret_cast<void**>(entry), value, __ATOMIC_RELEASE);
  return !is_fixed || mprotect(page, size, PROT_READ) == 0;
}

void Redirect(const Library& library, const ElfW(Rela) * table, size_t bytes, Request& request) {
  for (size_t i = 0; i < bytes / sizeof(ElfW(Rela)); ++i) {
    const auto& symbol = library.symbols[ELF64_R_SYM(table[i].r_info)];
    if (HoldsAddress(ELF64_R_TYPE(table[i].r_info)) &&
        std::strcmp(library.names + symbol.st_name, request.function) == 0) {
      if (Write(library, library.base + table[i].r_offset, request.other)) {
        ++request.written;
      } else {
        request.failed = true;
      }
    }
  }
}

int Visit(dl_phdr_info* info, size_t /*size*/, void* data) {
  auto& request = *static_cast<Request*>(data);
  const char* slash = std::strrchr(info->dlpi_name, '/');
  if (std::strcmp(slash == nullptr ? info->dlpi_name : slash + 1, request.library) != 0) {
    return 0;
  }
  Library library{info->dlpi_addr, nullptr, nullptr, 0, 0};
  const ElfW(Dyn)* dynamic = nullptr;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type == PT_DYNAMIC) {
      dynamic = reinterpret_cast<const ElfW(Dyn)*>(library.base + part.p_vaddr);
    } else if (part.p_type == PT_GNU_RELRO) {
      library.fixed_from = PageOf(library.base + part.p_vaddr);
      library.fixed_to = library.base + part.p_vaddr + part.p_memsz;
    }
  }
  const ElfW(Rela)* tables[2] = {nullptr, nullptr};
  size_t bytes[2] = {0, 0};
  for (; dynamic != nullptr && dynamic->d_tag != DT_NULL; ++dynamic) {
    const auto address = dynamic->d_un.d_ptr;  // the dynamic linker has added the base
    switch (dynamic->d_tag) {
      case DT_SYMTAB: library.symbols = reinterpret_cast<const ElfW(Sym)*>(address); break;
      case DT_STRTAB: library.names = reinterpret_cast<const char*>(address); break;
      case DT_RELA: tables[0] = reinterpret_cast<const ElfW(Rela)*>(address); break;
      case DT_RELASZ: bytes[0] = dynamic->d_un.d_val; break;
      case DT_JMPREL: tables[1] = reinterpret_cast<const ElfW(Rela)*>(address); break;
      case DT_PLTRELSZ: bytes[1] = dynamic->d_un.d_val; break;
      default: break;
    }
  }
  if (library.symbols != nullptr && library.names != nullptr) {
    for (int i = 0; i < 2; ++i) {
      if (tables[i] != nullptr) {
        Redirect(library, tables[i], bytes[i], request);
      }
    }
  }
  return 0;
}

}  // namespace

bool Redirect(const char* library, const char* function, void* other) {
  Request request{library, function, other, 0, false};
  dl_iterate_phdr(Visit, &request);
  return request.written > 0 && !request.failed;
}

bool IsOfC(const char* function) {
  Dl_info found;
  Dl_info of_c;
  void* address = dlsym(RTLD_DEFAULT, function);
  return address != nullptr && dladdr(address, &found) != 0 &&
         dladdr(reinterpret_cast<void*>(&gnu_get_libc_version), &of_c) != 0 &&
         found.dli_fbase == of_c.dli_fbase;
}

}  // namespace lavis4j
