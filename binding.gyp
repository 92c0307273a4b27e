{
  # One list of the addon's sources serves this file and CMakeLists.txt: native/sources.txt.
  'target_defaults': {
    'cflags!': ['-Wno-unused-parameter', '-fno-omit-frame-pointer'],
    'cflags': ['-Wall', '-Wextra', '-Wpedantic', '-Wshadow', '-Wconversion', '-Werror'],
    'ldflags!': ['-rdynamic'],
  },
  'targets': [
    {
      'target_name': 'linux_namespaces',
      'sources': ['<!@(cat native/sources.txt)'],
      # A callback that runs into worker.terminate() can neither call nor throw; without the last of these it would abort.
      'defines': ['NAPI_VERSION=8', 'NAPI_DISABLE_CPP_EXCEPTIONS', 'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS'],
      'cflags': ['-fvisibility=hidden'],
      # std::thread reports by an exception that there is no thread to be had; none crosses a function of Node-API.
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20', '-fno-exceptions'],
      # A system directory, so that the headers of others are not held to our warnings.
      'cflags_cc': ['-std=c++20', '-fexceptions', '-isystem<!(node -p "require(\'node-addon-api\').include.slice(1, -1)")'],
      'ldflags': ['-Wl,-z,relro', '-Wl,-z,now', '-Wl,--gc-sections'],
    },
    {
      # Runs between fork and exec inside namespaces whose root may hold no libc, and for each process: made without one,
      # it is static and starts at once.
      'target_name': 'ns-launcher',
      'type': 'executable',
      'sources': ['native/launcher/launcher.cc'],
      # node-gyp's defaults are for what is loaded into Node; nothing of Node is in this program.
      'include_dirs!': ['<(node_root_dir)/include/node'],
      'cflags!': ['-O3', '-O2', '-fPIC', '-pthread'],
      'cflags': ['-Os', '-ffreestanding', '-fno-stack-protector', '-fno-asynchronous-unwind-tables'],
      'cflags_cc!': ['-std=gnu++17', '-std=gnu++20'],
      'cflags_cc': ['-std=c++20', '-fno-exceptions', '-fno-rtti'],
      'ldflags!': ['-pthread'],
      'ldflags': ['-nostdlib', '-static', '-no-pie', '-s'],
      'configurations': {
        'Release': {
          'cflags!': ['-O3', '-fno-omit-frame-pointer'],
        },
      },
    },
  ],
}
