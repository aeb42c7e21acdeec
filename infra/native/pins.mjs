// Every native part that is fetched, with the digest that it must have. Nothing else is ever accepted.

/**
 * @typedef {object} Wheel
 * @property {string} project name in the package index
 * @property {string} file
 * @property {number} bytes
 * @property {string} sha256
 */

export const TENSORFLOW_VERSION = '2.21.0';

/** @type {Wheel} */
const tensorflowCpu = {
  project: 'tensorflow-cpu',
  file: 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
  bytes: 273_829_956,
  sha256: '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
};

/** The CUDA build and the libraries that its `and-cuda` extra names. @type {readonly Wheel[]} */
const tensorflowCuda = [
  {
    project: 'tensorflow',
    file: 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl',
    bytes: 572_440_367,
    sha256: '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  },
  {
    project: 'nvidia-cublas-cu12',
    file: 'nvidia_cublas_cu12-12.9.3.13-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 581_217_458,
    sha256: 'd7d51055f161b317c7105ddaae90e71eda059026074ffef93cf7cde2886bfe72',
  },
  {
    project: 'nvidia-cuda-cupti-cu12',
    file: 'nvidia_cuda_cupti_cu12-12.9.79-py3-none-manylinux_2_25_x86_64.whl',
    bytes: 10_814_997,
    sha256: '096bcf334f13e1984ba36685ad4c1d6347db214de03dbb6eebb237b41d9d934f',
  },
  {
    project: 'nvidia-cuda-nvcc-cu12',
    file: 'nvidia_cuda_nvcc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 40_546_229,
    sha256: '5d6a0d32fdc7ea39917c20065614ae93add6f577d840233237ff08e9a38f58f0',
  },
  {
    project: 'nvidia-cuda-nvrtc-cu12',
    file: 'nvidia_cuda_nvrtc_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 89_568_129,
    sha256: '210cf05005a447e29214e9ce50851e83fc5f4358df8b453155d5e1918094dcb4',
  },
  {
    project: 'nvidia-cuda-runtime-cu12',
    file: 'nvidia_cuda_runtime_cu12-12.9.79-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 3_493_179,
    sha256: '25bba2dfb01d48a9b59ca474a1ac43c6ebf7011f1b0b8cc44f54eb6ac48a96c3',
  },
  {
    project: 'nvidia-cudnn-cu12',
    file: 'nvidia_cudnn_cu12-9.28.0.42-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 716_538_495,
    sha256: '9ff58b7f36dacd0a93e89f8f2957b52466889217963701daa15e577317cfa375',
  },
  {
    project: 'nvidia-cufft-cu12',
    file: 'nvidia_cufft_cu12-11.4.1.4-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 200_877_592,
    sha256: 'c67884f2a7d276b4b80eb56a79322a95df592ae5e765cf1243693365ccab4e28',
  },
  {
    project: 'nvidia-curand-cu12',
    file: 'nvidia_curand_cu12-10.3.10.19-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 68_295_626,
    sha256: '49b274db4780d421bd2ccd362e1415c13887c53c214f0d4b761752b8f9f6aa1e',
  },
  {
    project: 'nvidia-cusolver-cu12',
    file: 'nvidia_cusolver_cu12-11.7.5.82-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 338_117_415,
    sha256: '15da72d1340d29b5b3cf3fd100e3cd53421dde36002eda6ed93811af63c40d88',
  },
  {
    project: 'nvidia-cusparse-cu12',
    file: 'nvidia_cusparse_cu12-12.5.10.65-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl',
    bytes: 366_465_088,
    sha256: '73060ce019ac064a057267c585bf1fd5a353734151f87472ff02b2c5c9984e78',
  },
  {
    project: 'nvidia-nccl-cu12',
    file: 'nvidia_nccl_cu12-2.32.3-py3-none-manylinux_2_27_x86_64.whl',
    bytes: 351_526_311,
    sha256: 'bb94b2348e4861d5e8aa00b36c3d12d9bdf9c6369b82cbb723de0b582280a21c',
  },
  {
    project: 'nvidia-nvjitlink-cu12',
    file: 'nvidia_nvjitlink_cu12-12.9.86-py3-none-manylinux2010_x86_64.manylinux_2_12_x86_64.whl',
    bytes: 39_748_338,
    sha256: 'e3f1171dbdc83c5932a45f0f4c99180a70de9bd2718c1ab77d14104f6d7147f9',
  },
];

/**
 * @typedef {'cpu' | 'cuda'} Device
 * @typedef {{ wheels: readonly Wheel[], unpackedBytes: number }} TensorflowBuild
 */

/** `unpackedBytes` is what is kept of the wheels. @type {Record<Device, TensorflowBuild>} */
export const TENSORFLOW = {
  cpu: { wheels: [tensorflowCpu], unpackedBytes: 860_000_000 },
  cuda: { wheels: tensorflowCuda, unpackedBytes: 5_900_000_000 },
};

/**
 * @typedef {object} Server
 * @property {string} name
 * @property {string} binary
 * @property {string} variable environment variable that names a binary to use instead
 * @property {string} module
 * @property {string} command package of the binary
 * @property {string} version
 * @property {string} sum what the Go checksum database says of the module
 * @property {string} versionSymbol
 * @property {number} packages roughly how many packages a build from nothing compiles
 * @property {readonly [number, number]} minimum lowest version that is taken from PATH
 */

/** @type {Server} */
export const TEMPORAL = {
  name: 'temporal',
  binary: 'temporal',
  variable: 'VITRINE_TEMPORAL_BIN',
  module: 'github.com/temporalio/cli',
  command: 'github.com/temporalio/cli/cmd/temporal',
  version: '1.5.1',
  sum: 'h1:0RZMk14BWxz44Xg6ciDQvpfAMffoG3J7/K03ql80teY=',
  versionSymbol: 'github.com/temporalio/cli/temporalcli.Version',
  packages: 1_300,
  minimum: [1, 5],
};

/** @type {Server} */
export const VERSITYGW = {
  name: 'versitygw',
  binary: 'versitygw',
  variable: 'VITRINE_VERSITYGW_BIN',
  module: 'github.com/versity/versitygw',
  command: 'github.com/versity/versitygw/cmd/versitygw',
  version: '1.8.0',
  sum: 'h1:au+wI+aybno/STsQiSm35Uu6Q6iK5MWReQxgO6SEMFc=',
  versionSymbol: 'main.Version',
  packages: 590,
  minimum: [1, 8],
};

/** What a build of both servers from nothing leaves in Go's own caches. */
export const GO_CACHE_BYTES = { modules: 2_250_000_000, build: 1_850_000_000 };

/**
 * @typedef {object} PrometheusPackage
 * @property {string} version
 * @property {string} from who it is from, for people
 * @property {string} sha256
 * @property {string} [url]
 * @property {string} [debian] version of Debian's package, where it is one
 */

/** In order of preference; the second is for places that only package registries can be reached from. @type {readonly PrometheusPackage[]} */
export const PROMETHEUS = [
  {
    version: '2.53.4',
    from: 'its project',
    sha256: 'b8b497c4610d1b93208252b60c8f20f6b2e78596ae8df43397a2e805aa53d475',
    url: 'https://github.com/prometheus/prometheus/releases/download/v2.53.4/prometheus-2.53.4.linux-amd64.tar.gz',
  },
  {
    version: '2.42.0',
    from: 'Debian',
    sha256: '81d59a24fce84f7fbe97a45a4f2914b6a5881b5cd1db2a6a0e129e515e1a5f55',
    debian: '2.42.0+ds-5+deb12u1',
  },
];
