(** Data, networks, loss, mass, deviation (blueprint, section 0), and the facts about them that every file needs.

    Definitions: [vector], [matrix], reals by index; [data], N points with inputs X, targets Y and weights >= 0 (the
    law P), [seen] = D the length of what the first layer sees; [branch], the map q with weights of its own;
    [coordinate], one weight, [param], all of them (theta), read by [W], [V], [A], [U], [Q] (those inside q), put
    together by [make]; [dot], w . x; [feature], z = [W x]_+; [reading], A z; [skip], V z; [deep], U q(A z); the
    classes [two_layer], [parallel], [residual], [plain]; [moment], sigma^2 bounds E (v . X)^2 / |v|^2; [opnorm_le],
    c bounds an operator norm; [lipschitz], lip bounds Lip(q); [branch_gain], lam is a Lambda = ||U|| Lip(q);
    [neuron_mass], s_j = ||w_j|| (||V_j|| + Lambda ||A_j||); [mass], S, their sum; [l2norm], [fnorm], [pnorm], norms
    of L2(P) with n, p and one output; [squared], mean squared error, summed over outputs; [slots], J holds l
    different neurons; [admissible], L3's J, centres i(j) outside J and multiples c_j >= 0; [deviation], D(J) =
    sigma sum_J ||w_j - c_j w_i(j)|| (||V_j|| + Lambda ||A_j||); [close], within d in L2(P).
    Statements: none. *)

From Coq Require Import Reals Lra Psatz List Permutation Arith Lia FunctionalExtensionality.
From Skipscape.base Require Import sums euclidean relu paths.
Import ListNotations.
Open Scope R_scope.

Definition vector := nat -> R.
Definition matrix := nat -> nat -> R.

(** "P = law of (X, Y), in practice the empirical measure of N points": N points with weights.
    [seen] is D, the length of what the first layer sees (with a bias: (x, 1)); [outputs] is p. *)
Record data := Data {
  points : nat;
  seen : nat;
  outputs : nat;
  input : nat -> vector;
  target : nat -> vector;
  weight : nat -> R;
  weight_nonneg : forall k, 0 <= weight k
}.

(** The branch q: any map, with weights of its own (layer, row, column); for a deep ReLU network see
    [satisfiable.v]. [branch_in] numbers go in, [branch_out] come out. *)
Record branch := Branch {
  branch_in : nat;
  branch_out : nat;
  act : (nat -> matrix) -> vector -> vector
}.

(** "theta = all weights": W (row j), V and A (column j), U (row c), the weights inside q. *)
Inductive coordinate :=
| InW (j i : nat)
| InV (j c : nat)
| InA (j a : nat)
| InU (c s : nat)
| InQ (d s i : nat).

Definition param := coordinate -> R.

Definition W (P : param) : matrix := fun j i => P (InW j i).
Definition V (P : param) : matrix := fun j c => P (InV j c).
Definition A (P : param) : matrix := fun j a => P (InA j a).
Definition U (P : param) : matrix := fun c s => P (InU c s).
Definition Q (P : param) : nat -> matrix := fun d s i => P (InQ d s i).

Definition make (w v a u : matrix) (q : nat -> matrix) : param := fun x =>
  match x with
  | InW j i => w j i
  | InV j c => v j c
  | InA j a' => a j a'
  | InU c s => u c s
  | InQ d s i => q d s i
  end.

Section Networks.
Variables (X : data) (m : nat) (B : branch).

Definition dot (w v : vector) : R := \sum_(i < seen X) (w i * v i).

(** z = [W x]_+ at point k, neuron j *)
Definition feature (P : param) (k j : nat) : R := relu (dot (W P j) (input X k)).

(** A z, what the branch reads; V z, the skip term *)
Definition reading (P : param) (k a : nat) : R := \sum_(j < m) (A P j a * feature P k j).
Definition skip (P : param) (k c : nat) : R := \sum_(j < m) (V P j c * feature P k j).

(** row c of U q(A z) *)
Definition deep (P : param) (k c : nat) : R :=
  \sum_(s < branch_out B) (U P c s * act B (Q P) (reading P k) s).

(** the classes of section 0, as outputs at point k, coordinate c *)
Definition two_layer (l : nat) (w v : matrix) (k c : nat) : R :=
  \sum_(j < l) (v j c * relu (dot (w j) (input X k))).
Definition parallel (P : param) (k c : nat) : R := skip P k c + deep P k c.
Definition residual (P : param) (k c : nat) : R :=
  \sum_(j < m) (V P j c * (feature P k j + deep P k j)).
Definition plain (P : param) (k c : nat) : R := deep P k c.

(** "sigma^2 = lambda_max (E X X^T)": sigma is any number that dominates it *)
Definition moment (sigma : R) : Prop := 0 <= sigma /\
  forall v, \sum_(k < points X) (weight X k * (dot v (input X k))^2)
            <= sigma^2 * \sum_(i < seen X) (v i)^2.

(** c dominates the operator norm of the n x r matrix M *)
Definition opnorm_le (n r : nat) (M : matrix) (c : R) : Prop := 0 <= c /\
  forall v, enorm n (fun i => \sum_(s < r) (M i s * v s)) <= c * enorm r v.

(** the branch with weights q is Lipschitz, Euclidean norms *)
Definition lipschitz (q : nat -> matrix) (lip : R) : Prop := 0 <= lip /\
  forall a b, enorm (branch_out B) (fun s => act B q a s - act B q b s)
              <= lip * enorm (branch_in B) (fun i => a i - b i).

(** "Lambda = ||U|| Lip(q)" (PARALLEL): [lam] dominates such a product *)
Definition branch_gain (P : param) (lam : R) : Prop :=
  exists u lip, opnorm_le (outputs X) (branch_out B) (U P) u /\ lipschitz (Q P) lip /\ lam = u * lip.

(** s_j = ||w_j|| (||V_j|| + Lambda ||A_j||), S = sum_j s_j *)
Definition neuron_mass (lam : R) (P : param) (j : nat) : R :=
  enorm (seen X) (W P j) * (enorm (outputs X) (V P j) + lam * enorm (branch_in B) (A P j)).
Definition mass (lam : R) (P : param) : R := \sum_(j < m) neuron_mass lam P j.

(** ||g|| in L2(P), for a function with n outputs given by its values at the points *)
Definition l2norm (n : nat) (g : nat -> vector) : R :=
  wnorm (list_prod (seq 0 (points X)) (seq 0 n))
        (fun kc => weight X (fst kc)) (fun kc => g (fst kc) (snd kc)).
Definition fnorm (g : nat -> vector) : R := l2norm (outputs X) g.

(** squared error, "summed over outputs, averaged over points" *)
Definition squared (f : nat -> nat -> R) : R :=
  \sum_(k < points X) (weight X k * \sum_(c < outputs X) (f k c - target X k c)^2).

(** L3's slots: J holds l distinct slots, each with a centre outside J and a coefficient >= 0 *)
Definition slots (l : nat) (J : list nat) : Prop :=
  NoDup J /\ length J = l /\ forall j, In j J -> (j < m)%nat.
Definition admissible (l : nat) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : Prop :=
  slots l J /\ (forall j, In j J -> (ctr j < m)%nat /\ ~ In (ctr j) J) /\
  (forall j, In j J -> 0 <= cf j).

(** D(J) = sigma sum_J ||w_j - c_j w_i(j)|| (||V_j|| + Lambda ||A_j||);
    with the sine of the angle for projection coefficients: [perturb.v] *)
Definition deviation (sigma lam : R) (P : param) (J : list nat) (ctr : nat -> nat) (cf : nat -> R) : R :=
  sigma * \sum_(j in J) (enorm (seen X) (fun i => W P j i - cf j * W P (ctr j) i)
     * (enorm (outputs X) (V P j) + lam * enorm (branch_in B) (A P j))).

(** theta' is within d of theta as a function *)
Definition close (net : param -> nat -> nat -> R) (d : R) (P P' : param) : Prop :=
  fnorm (fun k c => net P' k c - net P k c) <= d.

End Networks.

(** * Weights are determined by their matrices *)

Lemma param_ext (P P' : param) :
  (forall j i, W P j i = W P' j i) -> (forall j c, V P j c = V P' j c) ->
  (forall j a, A P j a = A P' j a) -> (forall c s, U P c s = U P' c s) ->
  (forall d s i, Q P d s i = Q P' d s i) -> P = P'.
Proof.
  intros w v a u q. apply functional_extensionality. intros [j i|j c|j a'|c s|d s i];
    [apply w | apply v | apply a | apply u | apply q].
Qed.

(** compute the entries of weights given by [make] and [lin] *)
Ltac entries := cbv beta iota delta [lin W V A U Q make].

Lemma make_eta P : make (W P) (V P) (A P) (U P) (Q P) = P.
Proof. now apply param_ext. Qed.

Lemma matrix_ext (M M' : matrix) : (forall i j, M i j = M' i j) -> M = M'.
Proof.
  intros H. apply functional_extensionality; intros i. apply functional_extensionality; intros j. apply H.
Qed.

Lemma mix_same (M : matrix) t : (fun i j => (1 - t) * M i j + t * M i j) = M.
Proof. apply matrix_ext; intros; ring. Qed.

Section Facts.
Variables (X : data) (m : nat) (B : branch).

Lemma dot_ext w w' v : (forall i, w i = w' i) -> dot X w v = dot X w' v.
Proof. intros H. apply lsum_ext; intros. now rewrite H. Qed.

Lemma dot_scal c w v : dot X (fun i => c * w i) v = c * dot X w v.
Proof. unfold dot. rewrite <- lsum_scal. apply lsum_ext; intros; ring. Qed.

Lemma feature_ext P P' k j : (forall i, W P j i = W P' j i) -> feature X P k j = feature X P' k j.
Proof. intros H. unfold feature. f_equal. now apply dot_ext. Qed.

Lemma feature_nonneg P k j : 0 <= feature X P k j.
Proof. apply relu_nonneg. Qed.

(** the branch term depends on A and the features only through its reading *)
Lemma deep_ext P P' k c : (forall a, reading X m P k a = reading X m P' k a) ->
  (forall s, U P c s = U P' c s) -> Q P = Q P' -> deep X m B P k c = deep X m B P' k c.
Proof.
  intros HR HU HQ. unfold deep.
  replace (reading X m P' k) with (reading X m P k) by (apply functional_extensionality; apply HR).
  rewrite HQ. apply lsum_ext; intros s _. now rewrite HU.
Qed.

Lemma deep_off P k c : (forall s, U P c s = 0) -> deep X m B P k c = 0.
Proof. intros H. apply lsum_zero. intros s _. rewrite H. ring. Qed.

Lemma parallel_off P : (forall c s, U P c s = 0) -> parallel X m B P = skip X m P.
Proof. intros H. apply matrix_ext; intros k c. unfold parallel. rewrite deep_off by auto. ring. Qed.

Lemma residual_off P : (forall c s, U P c s = 0) -> residual X m B P = skip X m P.
Proof.
  intros H. apply matrix_ext; intros k c. apply lsum_ext; intros j _.
  rewrite deep_off by auto. ring.
Qed.

(** * The L2(P) norm *)

Lemma weight_fst (kc : nat * nat) : 0 <= weight X (fst kc).
Proof. apply weight_nonneg. Qed.

Definition pnorm (a : nat -> R) : R := wnorm (seq 0 (points X)) (weight X) a.

Lemma l2norm_iter n g : l2norm X n g = pnorm (fun k => enorm n (g k)).
Proof.
  unfold l2norm, pnorm, wnorm at 1 2. f_equal. rewrite lsum_prod. apply lsum_ext; intros k _.
  rewrite enorm_sq, <- lsum_scal. easy.
Qed.

Lemma l2norm_sq n g : (l2norm X n g)^2 = \sum_(k < points X) (weight X k * \sum_(c < n) (g k c)^2).
Proof.
  unfold l2norm. rewrite wnorm_sq by apply weight_fst. rewrite lsum_prod.
  apply lsum_ext; intros k _. now rewrite <- lsum_scal.
Qed.

Lemma l2norm_nonneg n g : 0 <= l2norm X n g.
Proof. apply wnorm_nonneg. Qed.

Lemma l2norm_zero n g : (forall k c, g k c = 0) -> l2norm X n g = 0.
Proof. intros H. apply wnorm_zero. intros [k c] _. apply H. Qed.

(** only the values at the points count *)
Lemma l2norm_ext n f g : (forall k c, (k < points X)%nat -> (c < n)%nat -> f k c = g k c) ->
  l2norm X n f = l2norm X n g.
Proof.
  intros H. apply wnorm_ext. intros [k c] Hkc. apply in_prod_iff in Hkc.
  rewrite !in_rng in Hkc. apply H; apply Hkc.
Qed.

Lemma l2norm_triangle n f g :
  l2norm X n (fun k c => f k c + g k c) <= l2norm X n f + l2norm X n g.
Proof. apply (Minkowski _ _ weight_fst (fun kc => f (fst kc) (snd kc)) (fun kc => g (fst kc) (snd kc))). Qed.

Lemma l2norm_scal_pos n t g : 0 <= t -> l2norm X n (fun k c => t * g k c) = t * l2norm X n g.
Proof. apply (wnorm_scal_pos _ _ t (fun kc => g (fst kc) (snd kc))). Qed.

Lemma l2norm_opp n g : l2norm X n (fun k c => - g k c) = l2norm X n g.
Proof. apply (wnorm_opp _ _ (fun kc => g (fst kc) (snd kc))). Qed.

(** a sum of rank-one functions a_j(k) v_j *)
Lemma l2norm_rank1_sum n (L : list nat) (a v : nat -> vector) :
  l2norm X n (fun k c => \sum_(j in L) (v j c * a j k)) <= \sum_(j in L) (enorm n (v j) * pnorm (a j)).
Proof.
  unfold l2norm.
  eapply Rle_trans; [apply (wnorm_sum _ _ weight_fst L (fun j kc => v j (snd kc) * a j (fst kc)))|].
  right. apply lsum_ext; intros j _.
  apply (wnorm_rank1 (seq 0 (points X)) (seq 0 n) (weight X) (a j) (v j)), weight_nonneg.
Qed.

Lemma fnorm_nonneg g : 0 <= fnorm X g.
Proof. apply l2norm_nonneg. Qed.

Lemma close_refl net P : close X net 0 P P.
Proof. unfold close, fnorm. rewrite l2norm_zero; [lra|]. intros; ring. Qed.

Lemma close_equal net P P' d : 0 <= d -> net P' = net P -> close X net d P P'.
Proof. intros Hd E. unfold close, fnorm. rewrite l2norm_zero; [easy|]. intros. rewrite E. ring. Qed.

Lemma close_on_points net P P' d : 0 <= d ->
  (forall k c, (k < points X)%nat -> (c < outputs X)%nat -> net P' k c = net P k c) -> close X net d P P'.
Proof.
  intros Hd E. unfold close, fnorm. rewrite (l2norm_ext _ _ (fun _ _ => 0)).
  - rewrite l2norm_zero; easy.
  - intros k c Hk Hc. rewrite E by easy. ring.
Qed.

Lemma squared_on_points f g :
  (forall k c, (k < points X)%nat -> (c < outputs X)%nat -> f k c = g k c) -> squared X f = squared X g.
Proof.
  intros E. apply lsum_ext; intros k Hk. apply in_rng in Hk. f_equal.
  apply lsum_ext; intros c Hc. apply in_rng in Hc. now rewrite E.
Qed.

Lemma moment_norm sigma : moment X sigma ->
  forall v, pnorm (fun k => dot X v (input X k)) <= sigma * enorm (seen X) v.
Proof.
  intros [Hs H] v. apply wnorm_le_sq.
  - apply Rmult_le_pos; [easy | apply enorm_nonneg].
  - rewrite Rpow_mult_distr, enorm_sq. apply H.
Qed.

Lemma branch_gain_nonneg P lam : branch_gain X B P lam -> 0 <= lam.
Proof. intros (u & lip & [Hu _] & [Hl _] & ->). now apply Rmult_le_pos. Qed.

(** products and sums of norms and of numbers that are not negative *)
Ltac nonneg := repeat first [apply enorm_nonneg | lra
  | apply Rmult_le_pos | apply Rplus_le_le_0_compat | apply lsum_nonneg; intros].

Lemma neuron_mass_nonneg lam P j : 0 <= lam -> 0 <= neuron_mass X B lam P j.
Proof. intros H. unfold neuron_mass. nonneg. Qed.

Lemma mass_nonneg lam P : 0 <= lam -> 0 <= mass X m B lam P.
Proof. intros H. apply lsum_nonneg; intros. now apply neuron_mass_nonneg. Qed.

Lemma deviation_nonneg sigma lam P J ctr cf :
  0 <= sigma -> 0 <= lam -> 0 <= deviation X B sigma lam P J ctr cf.
Proof. intros Hs Hl. unfold deviation. nonneg. Qed.

Lemma squared_norm f : squared X f = (fnorm X (fun k c => f k c - target X k c))^2.
Proof. unfold fnorm. now rewrite l2norm_sq. Qed.

Lemma sqrt_squared f : sqrt (squared X f) = fnorm X (fun k c => f k c - target X k c).
Proof. rewrite squared_norm. apply sqrt_pow2, fnorm_nonneg. Qed.

Lemma squared_nonneg f : 0 <= squared X f.
Proof. rewrite squared_norm. apply pow2_ge_0. Qed.
End Facts.
