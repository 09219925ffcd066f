// Compiled with each of the precompiled headers: CMake hangs them on a source file.
