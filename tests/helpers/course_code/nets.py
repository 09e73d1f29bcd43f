"""Nets as people publish them in courses, for plain NumPy arrays, with their own backward functions.

Written anew, in the styles that one meets: dicts of parameters, lists of caches,
layers in a loop. Nothing in it knows of graphs.
"""

import numpy as np
from course_code.regression import sigmoid, softmax_rows_backward

# ruff: noqa: B905, E741, F821, RUF059  (it is their style)


# Two layers


def forward_propagation(X, parameters):
    W1 = parameters["W1"]
    b1 = parameters["b1"]
    W2 = parameters["W2"]
    b2 = parameters["b2"]
    Z1 = np.dot(W1, X) + b1
    A1 = np.tanh(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    assert A2.shape == (1, X.shape[1])
    cache = {"Z1": Z1, "A1": A1, "Z2": Z2, "A2": A2}
    return A2, cache


def planar_cost(X, Y, parameters):
    A2, cache = forward_propagation(X, parameters)
    m = Y.shape[1]
    logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
    cost = -np.sum(logprobs) / m
    cost = float(np.squeeze(cost))
    assert isinstance(cost, float)
    return cost, cache


def planar_backward(X, Y, parameters):
    m = X.shape[1]
    W2 = parameters["W2"]
    _, cache = forward_propagation(X, parameters)
    dZ2 = cache["A2"] - Y
    dW2 = dZ2 @ cache["A1"].T / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = W2.T @ dZ2 * (1 - np.power(cache["A1"], 2))
    dW1 = dZ1 @ X.T / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def nonlin(x):
    return 1 / (1 + np.exp(-x))


def eleven_lines(X, y, syn0, syn1):
    l1 = nonlin(np.dot(X, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    l2_error = y - l2
    return 0.5 * np.sum(l2_error**2)


def eleven_lines_backward(X, y, syn0, syn1):
    l1 = nonlin(X @ syn0)
    l2 = nonlin(l1 @ syn1)
    l2_delta = (l2 - y) * (l2 * (1 - l2))
    l1_delta = l2_delta.dot(syn1.T) * (l1 * (1 - l1))
    return {"dsyn0": X.T.dot(l1_delta), "dsyn1": l1.T.dot(l2_delta)}


def autoencoder(x, W_enc, b_enc, W_dec, b_dec):
    code = np.maximum(W_enc @ x + b_enc, 0)
    x_hat = W_dec @ code + b_dec
    diff = x_hat - x
    mse = np.mean(diff * diff)
    return mse


def autoencoder_backward(x, W_enc, b_enc, W_dec, b_dec):
    z = W_enc @ x + b_enc
    code = np.maximum(z, 0)
    delta = 2 * (W_dec @ code + b_dec - x) / x.size
    d_z = (W_dec.T @ delta) * (z > 0)
    return {
        "dW_enc": d_z @ x.T, "db_enc": d_z.sum(axis=1, keepdims=True),
        "dW_dec": delta @ code.T, "db_dec": delta.sum(axis=1, keepdims=True),
    }  # fmt: skip


# L layers


def relu(Z):
    A = np.maximum(0, Z)
    cache = Z
    return A, cache


def sigmoid_with_cache(Z):
    A = 1 / (1 + np.exp(-Z))
    cache = Z
    return A, cache


def linear_forward(A, W, b):
    Z = np.dot(W, A) + b
    assert Z.shape == (W.shape[0], A.shape[1])
    cache = (A, W, b)
    return Z, cache


def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid_with_cache(Z)
    elif activation == "relu":
        A, activation_cache = relu(Z)
    return A, (linear_cache, activation_cache)


def L_model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        A, cache = linear_activation_forward(A_prev, parameters["W" + str(l)], parameters["b" + str(l)], "relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters["W" + str(L)], parameters["b" + str(L)], "sigmoid")
    caches.append(cache)
    return AL, caches


def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = (1.0 / m) * (-np.dot(Y, np.log(AL).T) - np.dot(1 - Y, np.log(1 - AL).T))
    cost = np.squeeze(cost)
    assert cost.shape == ()
    return cost


def L_layer_cost(X, Y, parameters):
    AL, caches = L_model_forward(X, parameters)
    cost = compute_cost(AL, Y)
    return cost, caches


def linear_backward(dZ, cache):
    A_prev, W, _ = cache
    m = A_prev.shape[1]
    return W.T @ dZ, dZ @ A_prev.T / m, np.sum(dZ, axis=1, keepdims=True) / m


def L_layer_backward(X, Y, parameters):
    AL, caches = L_model_forward(X, parameters)
    grads = {}
    dZ = AL - Y
    for l in reversed(range(len(caches))):
        linear_cache, activation_cache = caches[l]
        if l < len(caches) - 1:
            dZ = np.array(dA, copy=True)
            dZ[activation_cache <= 0] = 0
        dA, grads[f"dW{l + 1}"], grads[f"db{l + 1}"] = linear_backward(dZ, linear_cache)
    return grads


def compute_cost_with_regularization(X, Y, parameters, lambd=0.7):
    A3, caches = L_model_forward(X, parameters)
    m = Y.shape[1]
    W1, W2, W3 = parameters["W1"], parameters["W2"], parameters["W3"]
    cross_entropy_cost = compute_cost(A3, Y)
    L2_regularization_cost = lambd / (2 * m) * (np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3)))
    cost = cross_entropy_cost + L2_regularization_cost
    return cost


def regularized_backward(X, Y, parameters, lambd=0.7):
    grads = L_layer_backward(X, Y, parameters)
    for l in (1, 2, 3):
        grads[f"dW{l}"] += lambd / Y.shape[1] * parameters[f"W{l}"]
    return grads


def cost_with_dropout(X, Y, parameters, keep_prob):
    np.random.seed(1)
    W1, b1, W2, b2 = [parameters[key] for key in ("W1", "b1", "W2", "b2")]
    Z1 = np.dot(W1, X) + b1
    A1, _ = relu(Z1)
    D1 = np.random.rand(A1.shape[0], A1.shape[1])
    D1 = (keep_prob > D1).astype(int)
    A1 = A1 * D1
    A1 = A1 / keep_prob
    Z2 = np.dot(W2, A1) + b2
    A2 = sigmoid(Z2)
    return compute_cost(A2, Y)


def dropout_backward(X, Y, parameters, keep_prob):
    np.random.seed(1)
    m = X.shape[1]
    Z1 = parameters["W1"] @ X + parameters["b1"]
    D1 = (np.random.rand(*Z1.shape) < keep_prob) / keep_prob
    A1 = np.maximum(0, Z1) * D1
    dZ2 = (sigmoid(parameters["W2"] @ A1 + parameters["b2"]) - Y) / m
    dZ1 = parameters["W2"].T @ dZ2 * D1 * (Z1 > 0)
    return {
        "dW1": dZ1 @ X.T, "db1": dZ1.sum(axis=1, keepdims=True), "dW2": dZ2 @ A1.T, "db2": dZ2.sum(axis=1, keepdims=True)
    }  # fmt: skip


def quadratic_cost(x, y, weights, biases):
    activation = x
    activations = [x]
    zs = []
    for b, w in zip(biases, weights):
        z = np.dot(w, activation) + b
        zs.append(z)
        activation = sigmoid(z)
        activations.append(activation)
    return 0.5 * np.linalg.norm(activations[-1] - y) ** 2


def quadratic_backward(x, y, weights, biases):
    activations = [x]
    for b, w in zip(biases, weights):
        activations.append(sigmoid(w @ activations[-1] + b))
    delta = (activations[-1] - y) * activations[-1] * (1 - activations[-1])
    grads = {}
    for l in range(len(weights) - 1, -1, -1):
        grads[f"dbiases{l}"], grads[f"dweights{l}"] = delta, delta @ activations[l].T
        delta = weights[l].T @ delta * activations[l] * (1 - activations[l])
    return grads


# Other activations and classes


def spiral_net(X, y, W, b, W2, b2, reg=1e-3):
    num_examples = X.shape[0]
    hidden_layer = np.maximum(0, np.dot(X, W) + b)
    scores = np.dot(hidden_layer, W2) + b2
    exp_scores = np.exp(scores - np.max(scores, axis=1, keepdims=True))
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    correct_logprobs = -np.log(probs[np.arange(num_examples), y])
    data_loss = np.sum(correct_logprobs) / num_examples
    reg_loss = 0.5 * reg * np.sum(W * W) + 0.5 * reg * np.sum(W2 * W2)
    loss = data_loss + reg_loss
    return loss, probs


def spiral_net_backward(X, y, W, b, W2, b2, reg=1e-3):
    hidden = np.maximum(0, X @ W + b)
    grads = softmax_rows_backward(hidden, y, W2, b2, reg)
    e = np.exp(hidden @ W2 + b2)
    dscores = e / e.sum(axis=1, keepdims=True)
    dscores[range(len(y)), y] -= 1
    dhidden = dscores / len(y) @ W2.T
    dhidden[hidden <= 0] = 0
    return {
        "dW": X.T @ dhidden + reg * W, "db": dhidden.sum(axis=0, keepdims=True), "dW2": grads["dW"], "db2": grads["db"]
    }  # fmt: skip


def leaky_net(X, Y, W1, W2):
    Z1 = W1 @ X
    A1 = np.where(Z1 > 0, Z1, 0.1 * Z1)
    Z2 = W2 @ A1
    A2 = Z2 * (Z2 > 0)
    cost = np.square(A2 - Y).sum() / (2 * Y.shape[1])
    return cost


def leaky_net_backward(X, Y, W1, W2):
    Z1 = W1 @ X
    A1 = np.where(Z1 > 0, Z1, 0.1 * Z1)
    Z2 = W2 @ A1
    dZ2 = (np.maximum(Z2, 0) - Y) / Y.shape[1] * (Z2 > 0)
    dZ1 = W2.T @ dZ2 * np.where(Z1 > 0, 1, 0.1)
    return {"dW1": dZ1 @ X.T, "dW2": dZ2 @ A1.T}


def tanh_by_hand(z):
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))


def deep_tanh(X, Y, W):
    A = X
    for l in range(len(W)):
        Z = W[l] @ A
        A = tanh_by_hand(Z)
    return np.mean((A - Y) ** 2)


def deep_tanh_backward(X, Y, W):
    As = [X]
    for w in W:
        As.append(np.tanh(w @ As[-1]))
    delta = 2 * (As[-1] - Y) / Y.size
    grads = {}
    for l in reversed(range(len(W))):
        delta = delta * (1 - As[l + 1] ** 2)
        grads[f"dW{l}"] = delta @ As[l].T
        delta = W[l].T @ delta
    return grads
