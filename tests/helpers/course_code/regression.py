"""What has one layer, as people publish them in courses, for plain NumPy arrays, with their own backward functions.

Written anew, in the styles that one meets: rows or columns, cost by `dot`, several results. Nothing in it knows of graphs.
"""

import numpy as np


def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s


def propagate(w, b, X, Y):
    m = X.shape[1]
    A = sigmoid(np.dot(w.T, X) + b)
    cost = -1 / m * np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A))
    dw = np.dot(X, (A - Y).T) / m
    db = np.sum(A - Y) / m
    assert dw.shape == w.shape
    cost = np.squeeze(cost)
    assert cost.shape == ()
    grads = {"dw": dw, "db": db}
    return grads, cost


def propagate_backward(w, b, X, Y):
    return propagate(w, b, X, Y)[0]


def cost_function_reg(theta, X, y, lambda_=0.5):
    m = len(y)
    h = sigmoid(X @ theta)
    J = (-np.dot(y, np.log(h)) - np.dot(1 - y, np.log(1 - h))) / m
    J = J + lambda_ / (2 * m) * np.sum(np.square(theta[1:]))
    return J


def cost_function_reg_backward(theta, X, y, lambda_=0.5):
    m = len(y)
    grad = X.T @ (sigmoid(X @ theta) - y) / m
    grad[1:] += lambda_ / m * theta[1:]
    return {"dtheta": grad}


def logistic_rows(weights, bias, X, y):
    linear_model = X.dot(weights) + bias
    y_predicted = sigmoid(linear_model)
    loss = (-y * np.log(y_predicted) - (1 - y) * np.log(1 - y_predicted)).mean()
    return float(loss)


def logistic_rows_backward(weights, bias, X, y):
    error = sigmoid(X.dot(weights) + bias) - y
    return {"dweights": X.T.dot(error) / len(y), "dbias": error.mean()}


# Linear regression


def compute_cost_linear(X, y, theta):
    m = y.size
    predictions = X.dot(theta).flatten()
    sqErrors = (predictions - y) ** 2
    J = (1.0 / (2 * m)) * sqErrors.sum()
    return J


def compute_cost_linear_backward(X, y, theta):
    return {"dtheta": X.T.dot(X.dot(theta) - y) / y.size}


def ridge(X, y, w, b, alpha=0.1):
    y_hat = np.matmul(X, w) + b
    residual = y - y_hat
    mse = np.mean(np.power(residual, 2))
    penalty = alpha * np.linalg.norm(w) ** 2
    loss = mse + penalty
    print(f"loss: {loss:.3f}")
    return loss


def ridge_backward(X, y, w, b, alpha=0.1):
    residual = y - (X @ w + b)
    return {"dw": -2 * X.T @ residual / len(y) + 2 * alpha * w, "db": -2 * residual.mean()}


# Many classes, and the hinge


def softmax_rows(X, y, W, b, reg=1e-3):
    num_examples = X.shape[0]
    scores = np.dot(X, W) + b
    exp_scores = np.exp(scores)
    probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
    correct_logprobs = -np.log(probs[range(num_examples), y])
    data_loss = np.sum(correct_logprobs) / num_examples
    reg_loss = 0.5 * reg * np.sum(W * W)
    loss = data_loss + reg_loss
    return loss


def softmax_rows_backward(X, y, W, b, reg=1e-3):
    e = np.exp(X @ W + b)
    dscores = e / e.sum(axis=1, keepdims=True)
    dscores[range(len(y)), y] -= 1
    dscores /= len(y)
    return {"dW": X.T @ dscores + reg * W, "db": dscores.sum(axis=0, keepdims=True)}


def softmax_columns(X, Y, params):
    Z = params["W"].dot(X) + params["b"]
    expZ = np.exp(Z - np.max(Z))
    A = expZ / expZ.sum(axis=0, keepdims=True)
    loss = -np.mean(np.sum(Y * np.log(A + 1e-12), axis=0))
    return A, loss


def softmax_columns_backward(X, Y, params):
    e = np.exp(params["W"] @ X + params["b"])
    dZ = (e / e.sum(axis=0) - Y) / X.shape[1]
    return {"dW": dZ @ X.T, "db": dZ.sum(axis=1, keepdims=True)}


def hinge(w, b, X, y, C=2.0):
    f = np.dot(X, w) - b
    distances = 1 - y * f
    distances = np.maximum(0, distances)
    hinge_loss = C * np.mean(distances)
    cost = 1 / 2 * np.dot(w, w) + hinge_loss
    return cost


def hinge_backward(w, b, X, y, C=2.0):
    wrong = (1 - y * (X @ w - b) > 0) * y * C / len(y)
    return {"dw": w - X.T @ wrong, "db": np.sum(wrong)}
